"""The chaos engine: Chaos Toolkit experiments, judged by their journal and by the proxies' own counters."""
