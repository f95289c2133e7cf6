"""How fast, how late and how heavy Postroom is, each beside a named anchor measured in the same run.

`python -m benchmarks [NAME ...] [--json] [--quick]`; without a name all of them. A number by itself says nothing on
another machine: what counts is the ratio, and nothing here is asserted as a timed test.
"""
