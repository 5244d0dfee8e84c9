"""Fields on a grid, one record at a time: as Isobar wrote them beside this file, or from NetCDF files and Zarr stores
by xarray.

What is read has `times` (milliseconds since 1970 of the data's calendar), `steps` (numbers of the steps, with gaps
where some are lacking), `latitude`, `longitude`, `statics` [field, latitude, longitude] and `state(record)` [channel,
latitude, longitude].
"""

import os

import numpy as np


def open_fields(source: dict, folder: str):
    return (WrittenFields if source["kind"] == "arrays" else XarrayFields)(source, folder)


class WrittenFields:
    """`values.npy` [record, channel, latitude, longitude] and its axes. Members of one time follow each other."""

    def __init__(self, source: dict, folder: str):
        self.source = source
        arrays = os.path.join(folder, source["folder"])
        self.values = np.load(os.path.join(arrays, "values.npy"), mmap_mode="r")
        for name in ("statics", "latitude", "longitude", "times", "steps"):
            setattr(self, name, np.load(os.path.join(arrays, f"{name}.npy")))

    def state(self, record: int) -> np.ndarray:
        return self.values[record]


class XarrayFields:
    def __init__(self, source: dict, folder: str):
        import xarray

        self.source = source
        # Addresses and absolute paths stay as they are.
        paths = [path if "://" in path else os.path.join(folder, path) for path in source["paths"]]
        if source["kind"] == "zarr":
            self.dataset = xarray.open_zarr(paths[0], chunks=None)
        elif len(paths) == 1:
            self.dataset = xarray.open_dataset(paths[0])
        else:
            # Needs dask. Fields without time stay so.
            alone = {"data_vars": "minimal", "coords": "minimal", "compat": "override"}
            self.dataset = xarray.open_mfdataset(paths, combine="by_coords", **alone)
        self.axes = {kind: self._axis(kind) for kind in ("time", "latitude", "longitude")}
        self.latitude, self.longitude = np.array(source["latitude"]), np.array(source["longitude"])
        self.rows = self._places("latitude", lambda there, wanted: np.abs(there - wanted))
        self.columns = self._places("longitude", lambda there, wanted: np.abs((there - wanted + 180) % 360 - 180))
        self._read_times()
        self.channels = self._grouped(source["channels"])
        statics = self._grouped(source["statics"])
        self.statics = self._in_order(statics, [self._planes(name, places, None) for name, places in statics])

    def state(self, record: int) -> np.ndarray:
        planes = [self._planes(name, places, self.order[record]) for name, places in self.channels]
        return self._in_order(self.channels, planes)

    def _axis(self, kind: str) -> str:
        """The name of a dimension, by the CF conventions."""
        for name in self.dataset.dims:
            axis = self.dataset.coords.get(name)
            if axis is None:
                continue
            units = str(axis.attrs.get("units", "")).lower()
            is_named = kind in (axis.attrs.get("standard_name"), str(name).lower()) or str(name).lower() == kind[:3]
            is_meant = {
                "time": axis.dtype.kind in "MO",
                "latitude": units.startswith(("degrees_n", "degree_n")),
                "longitude": units.startswith(("degrees_e", "degree_e")),
            }[kind]
            if is_meant or (is_named and kind != "time"):
                return str(name)
        raise ValueError(f"The data have no {kind} axis that xarray shows; write the project anew with --copy-data.")

    def _places(self, kind: str, distance):
        """Where the rows or columns of the grid lie in the files; None where they are all there are, in this order."""
        there = np.asarray(self.dataset[self.axes[kind]].values, np.float64)
        wanted = getattr(self, kind)
        places = np.array([int(np.argmin(distance(there, value))) for value in wanted])
        if np.max(distance(there[places], wanted)) > 1e-3:
            raise ValueError(
                f"The {kind} that xarray shows are not those that the model was trained on. If these are the same "
                "files, write the project anew with --copy-data."
            )
        return None if np.array_equal(places, np.arange(len(there))) else places

    def _read_times(self) -> None:
        source, axis = self.source, self.dataset[self.axes["time"]]
        dates = np.atleast_1d(axis.values)
        if dates.dtype.kind == "M":
            stored = dates.astype("datetime64[ms]").astype(np.int64)
        else:
            import cftime

            stored = cftime.date2num(dates, "milliseconds since 1970-01-01", calendar=dates[0].calendar)
        times, order = np.unique(np.asarray(stored, np.float64), return_index=True)
        chosen = (times >= source.get("fromMs", -np.inf)) & (times < source.get("toMs", np.inf))
        self.times, self.order = times[chosen], order[chosen]
        if len(self.times) != source["records"]:
            raise ValueError(
                f"The data have {len(self.times)} steps here, and had {source['records']} in Isobar. If these are the "
                "same files, write the project anew with --copy-data."
            )
        if source["stepMonths"]:
            months = (axis.dt.year * 12 + axis.dt.month).values[self.order]
            self.steps = (months - months[0]) // source["stepMonths"]
        else:
            self.steps = np.rint((self.times - self.times[0]) / (source["stepHours"] * 3_600_000)).astype(np.int64)

    def _grouped(self, channels: list) -> list:
        """By the variable, which is read once for all of its levels: (name, [(channel, hPa or None)])."""
        groups = {}
        for place, channel in enumerate(channels):
            groups.setdefault(channel["variable"], []).append((place, channel.get("levelHPa")))
        return list(groups.items())

    def _planes(self, name: str, places: list, time) -> np.ndarray:
        """[channels of the variable, latitude, longitude] at a place in time."""
        variable = self.dataset[name]
        horizontal = (self.axes["latitude"], self.axes["longitude"])
        if self.axes["time"] in variable.dims:
            variable = variable.isel({self.axes["time"]: time})
        others = [dim for dim in variable.dims if dim not in horizontal]
        if places[0][1] is not None and len(others) == 1:
            axis = self.dataset[others[0]]
            scale = 0.01 if str(axis.attrs.get("units", "")).lower() in ("pa", "pascal", "pascals") else 1
            hectopascals = np.asarray(axis.values, np.float64) * scale
            levels = [int(np.argmin(np.abs(hectopascals - level))) for _, level in places]
            variable = variable.isel({others[0]: levels})
        elif all(variable.sizes[dim] == 1 for dim in others):
            variable = variable.squeeze(others).expand_dims("own_level")
            others = ["own_level"]
        else:
            further = ", ".join(map(str, others))
            raise ValueError(f"{name} has further dimensions ({further}); write the project anew with --copy-data.")
        values = variable.transpose(*others, *horizontal).values.astype(np.float32)
        low, high = valid_limits(self.dataset[name])
        values[(values < low) | (values > high)] = np.nan
        if self.rows is not None:
            values = values[:, self.rows]
        return values if self.columns is None else values[:, :, self.columns]

    def _in_order(self, groups: list, planes: list) -> np.ndarray:
        places = [place for _, group in groups for place, _ in group]
        if not places:
            return np.zeros((0, len(self.latitude), len(self.longitude)), np.float32)
        return np.concatenate(planes)[np.argsort(places)]


def valid_limits(variable) -> tuple:
    """`valid_range`, `valid_min` and `valid_max`, which are of stored numbers, as what these stand for."""
    attributes, encoding = variable.attrs, variable.encoding
    limits = (attributes.get("valid_min", -np.inf), attributes.get("valid_max", np.inf))
    low, high = attributes.get("valid_range", limits)
    finite = [np.asarray(limit) for limit in (low, high) if np.isfinite(limit)]
    are_whole = not any(np.issubdtype(limit.dtype, np.floating) for limit in finite)
    if are_whole and np.issubdtype(encoding.get("dtype", np.float32), np.integer):
        scale, offset = encoding.get("scale_factor", 1.0), encoding.get("add_offset", 0.0)
        low, high = sorted((low * scale + offset, high * scale + offset))
    return low, high
