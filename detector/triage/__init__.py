"""From hits to incidents: whose tool is it (traits, decide), which machine is it (identity), who got where (reach)."""
