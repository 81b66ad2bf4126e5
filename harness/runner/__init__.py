"""The only package that knows the order: probe, plan, layers, judge, score, report."""
