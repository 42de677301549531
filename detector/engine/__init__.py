"""Pure judgement: predicates on events, logsource routing, coverage. No clock, disk or network."""
