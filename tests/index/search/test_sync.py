from index.search.sync import SyncReport, synchronise
from index.search.whoosh_backend import WhooshBackend
from tests.index.search.conftest import BOATS, CROPS, document


def test_the_index_follows_the_library(backend: WhooshBackend) -> None:
    assert synchronise([CROPS, BOATS], backend) == SyncReport(added=("crops", "boats"))
    changed = document("boats", "云汀市渡船管理办法（虚构）", "渡船每半年检验一次。")
    assert synchronise([changed], backend) == SyncReport(replaced=("boats",), removed=("crops",))
    assert backend.document_ids() == {"boats"}


def test_a_second_run_changes_nothing(backend: WhooshBackend) -> None:
    synchronise([CROPS, BOATS], backend)
    assert not synchronise([CROPS, BOATS], backend).changed
