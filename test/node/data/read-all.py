"""What xarray reads in NetCDF files: of every variable of numbers how many values, how many missing, least, greatest and sum.

Reads a JSON list of paths from standard input and writes {path: {variable: {...}}}; variables of groups go by their path. xarray knows
nothing of valid_range, valid_min and valid_max, nor of what the NetCDF library writes where nothing was written: both are applied here.
"""

import json
import sys
import warnings

import netCDF4
import numpy as np
import xarray as xr

warnings.simplefilter("ignore")


def limits(attributes):
    low, high = attributes.get("valid_range", (attributes.get("valid_min"), attributes.get("valid_max")))
    return -np.inf if low is None else low, np.inf if high is None else high


def numbers(variable):
    values = variable.values.astype(np.float64)
    low, high = limits(variable.attrs)
    known = np.isfinite(values) & (values >= low) & (values <= high)
    if "_FillValue" not in variable.encoding and variable.dtype.itemsize > 1:
        known &= variable.values != netCDF4.default_fillvals[variable.dtype.str[1:]]
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


def read(path):
    with netCDF4.Dataset(path) as opened:
        found = list(groups(opened))
    variables = {}
    for group in found:
        with xr.open_dataset(path, group=group, decode_times=False, decode_coords=False) as opened:
            variables |= {f"{group}{name}": numbers(v) for name, v in opened.variables.items() if v.dtype.kind in "iuf"}
    return variables


json.dump({path: read(path) for path in json.load(sys.stdin)}, sys.stdout)
