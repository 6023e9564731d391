"""A copy of everything an agency keeps, in one file that can be read without us, and the way back from it."""

from westlake.backup.archive import Contents, read_contents, write_backup
from westlake.backup.restore import restore_backup

__all__ = ["Contents", "read_contents", "restore_backup", "write_backup"]
