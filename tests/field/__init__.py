"""The field trial: services written for it with known defects, and services that none of us wrote."""
