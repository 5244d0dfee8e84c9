"""Scores a file of forecasts against the data that they are of, with xarray and numpy and nothing of Isobar.

    score-forecasts.py FORECASTS DATA

Prints one line of JSON: what the file says of itself, and by channel and lead in hours the RMSE, the bias and the RMSE of
persistence, weighted by the area of the grid's cells.
"""
import json
import sys

import numpy as np
import xarray as xr


def cell_areas(latitude):
    """Share of the sphere of each row, mean 1; rows end halfway to their neighbours, and at a pole where it is near."""
    middle = (latitude[1:] + latitude[:-1]) / 2
    ends = []
    for edge, inner in ((latitude[0], latitude[1]), (latitude[-1], latitude[-2])):
        pole = 90.0 * np.sign(edge - inner)
        near = abs(pole - edge) <= abs(edge - inner) * 1.001
        ends.append(pole if near else edge + (edge - inner) / 2)
    bounds = np.deg2rad(np.concatenate([[ends[0]], middle, [ends[1]]]))
    areas = np.abs(np.diff(np.sin(bounds)))
    return areas / areas.mean()


def scores_of(forecasts, data):
    area = cell_areas(data.latitude.values.astype(float))[:, None]
    hours = forecasts.prediction_timedelta.values / np.timedelta64(1, "h")
    found = {}
    for name in forecasts.data_vars:
        levels = forecasts.level.values if "level" in forecasts[name].dims else [None]
        for level in levels:
            made, true = forecasts[name], data[name]
            if level is not None:
                made, true = made.sel(level=level), true.sel(level=level)
            label = name if level is None else f"{name}{level:g}"
            for i, lead in enumerate(hours):
                valid = forecasts.valid_time.values[:, i]
                known = np.isin(valid, data.time.values)
                if not known.any():
                    continue
                ahead = true.sel(time=valid[known]).transpose("time", "latitude", "longitude").values.astype(float)
                newest = true.sel(time=forecasts.time.values[known]).transpose("time", "latitude", "longitude")
                error = made.isel(prediction_timedelta=i).values[known].astype(float) - ahead
                still = newest.values.astype(float) - ahead

                def mean(values):
                    """Over the area that is known, at each time."""
                    weight = np.where(np.isnan(values), 0.0, area)
                    return (np.nan_to_num(values) * weight).sum(axis=(1, 2)) / weight.sum(axis=(1, 2))

                found[f"{label} {lead:g}"] = {
                    "rmse": float(np.sqrt(mean(error**2).mean())),
                    "bias": float(mean(error).mean()),
                    "persistence": float(np.sqrt(mean(still**2).mean())),
                }
    return found


def open_any(path):
    return xr.open_zarr(path) if path.rstrip("/").endswith(".zarr") else xr.open_dataset(path)


forecasts, data = open_any(sys.argv[1]), open_any(sys.argv[2])
print(
    json.dumps(
        {
            "sizes": {name: int(size) for name, size in forecasts.sizes.items()},
            "dims": {name: list(forecasts[name].dims) for name in forecasts.data_vars},
            "variables": {name: forecasts[name].attrs for name in forecasts.data_vars},
            "time": str(forecasts.time.values[0])[:16],
            "timeName": forecasts.time.attrs.get("standard_name"),
            "leadName": forecasts.prediction_timedelta.attrs.get("standard_name"),
            "valid": str(forecasts.valid_time.values[0, -1])[:16],
            "attributes": forecasts.attrs,
            "scores": scores_of(forecasts, data),
        }
    )
)
