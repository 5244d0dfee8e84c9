"""What xarray reads in NetCDF files and Zarr stores: of every variable of numbers how many values, how many missing, least, greatest and sum.

ERA5 of two versions is the final one where it is known. Reads a JSON list of paths from standard input and writes {path: {variable: {...}}}; variables of groups go by their path. xarray knows
nothing of valid_range, valid_min and valid_max, nor of what the NetCDF library writes where nothing was written: both are applied here.
"""

import json
import sys
import warnings

import netCDF4
import numpy as np
import xarray as xr
import zarr

warnings.simplefilter("ignore")


def limits(attributes):
    low, high = attributes.get("valid_range", (attributes.get("valid_min"), attributes.get("valid_max")))
    return -np.inf if low is None else low, np.inf if high is None else high


def numbers(variable, stored):
    """`stored` is the variable as it lies in the file: neither unpacked nor masked."""
    values = variable.values.astype(np.float64)
    low, high = limits(stored.attrs)
    limited = stored.values if stored.dtype.kind in "iu" else values
    known = np.isfinite(values) & (limited >= low) & (limited <= high)
    if "_FillValue" not in stored.attrs and stored.dtype.itemsize > 1:
        known &= stored.values != netCDF4.default_fillvals[stored.dtype.str[1:]]
    found = values[known]
    some = found.size > 0
    return {
        "values": values.size,
        "missing": values.size - found.size,
        "min": found.min() if some else None,
        "max": found.max() if some else None,
        "sum": found.sum() if some else None,
    }


def groups(group, path=""):
    yield path
    for name, inner in group.groups.items():
        yield from groups(inner, f"{path}{name}/")


def opened(path, **options):
    if path.endswith(".zarr"):
        return xr.open_zarr(path, **options)
    if path.endswith(".zip"):
        return xr.open_zarr(zarr.ZipStore(path, mode="r"), **options)
    return xr.open_dataset(path, **options)


def read(path):
    found = [None]
    if path.endswith((".nc", ".cdf")):
        with netCDF4.Dataset(path) as file:
            found = list(groups(file))
    variables = {}
    for group in found:
        options = {"decode_times": False, "decode_coords": False} | ({"group": group} if group else {})
        with opened(path, **options) as unpacked, opened(path, mask_and_scale=False, **options) as stored:
            if "expver" in unpacked.dims:
                unpacked = unpacked.sel(expver=1).combine_first(unpacked.sel(expver=5))
                stored = unpacked
            for name, variable in unpacked.variables.items():
                if variable.dtype.kind in "iuf":
                    variables[f"{group or ''}{name}"] = numbers(variable, stored.variables[name])
    return variables


json.dump({path: read(path) for path in json.load(sys.stdin)}, sys.stdout)
