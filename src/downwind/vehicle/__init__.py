"""Balloons: gas, film tubes, release timers."""
