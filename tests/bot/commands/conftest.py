"""The ``chenghe`` of the journeys, for the tests of single commands."""

from tests.journeys.conftest import chenghe as chenghe
