"""Tests of index/directory."""
