"""Test suites about AWS: each module runs the cases of one."""
