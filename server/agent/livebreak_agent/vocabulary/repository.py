"""What a repository is called: `owner/name`, the same for both sides whatever form the git remote has.

An own parser, since the one on PyPI (giturlparse 0.16) names Azure DevOps repositories and ssh host aliases wrongly.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_SCP_FORM = re.compile(r"^(?:[^/@\s]+@)?[^/:\s]+:(?!//)(?P<path>.+)$")
_SCHEMES = frozenset({"git", "git+ssh", "http", "https", "ssh", "git+https"})


def repository_name(url: str) -> str | None:
    """The `owner/name` of a git remote, or None if it is not on a host (a local path, a file URL).

    Credentials, host, port and a trailing `.git` are dropped; groups of GitLab stay (`group/sub/name`); Azure DevOps'
    `organisation/project/_git/name` and its ssh form `v3/organisation/project/name` both are `organisation/project/name`.
    """
    path = _path(url.strip())
    if path is None:
        return None
    parts = [part for part in unquote(path).strip("/").removesuffix(".git").split("/") if part]
    if parts and parts[0] == "v3" and len(parts) == 4:  # Azure's ssh form
        parts = parts[1:]
    if "_git" in parts:
        parts.remove("_git")
    if parts and parts[0] == "scm":  # Bitbucket Server's https form
        parts = parts[1:]
    return "/".join(parts) if len(parts) > 1 else None


def _path(url: str) -> str | None:
    if "://" in url:
        try:
            split = urlsplit(url)
        except ValueError:
            return None
        return split.path if split.scheme in _SCHEMES and split.netloc else None
    match = _SCP_FORM.match(url)
    # A drive letter is a path on Windows, not a host.
    return match["path"] if match and not re.match(r"^[A-Za-z]:[\\/]", url) else None
