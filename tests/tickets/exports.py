"""Exports as the tools write them, made up here: a Japanese shop's tickets."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

SQUASH, MERGE, HEAD = "5" * 40, "6" * 40, "7" * 40
SHOP = "https://gitlab.example/web/shop"
TITLE = "クーポンの割引額が注文金額を超える 🎫"

GITLAB_CSV = f"""\
Title,Description,Issue ID,URL,State,Author,Author Username,Assignee,Assignee Username,\
Confidential,Locked,Due Date,Created At (UTC),Updated At (UTC),Closed At (UTC),Milestone,Weight,\
Labels,Time Estimate,Time Spent
{TITLE},"再現手順:
1. ""全品半額""を使う",7,{SHOP}/-/issues/7,Closed,田中 花子,tanaka,"Ada, Bob","ada, bob",\
No,No,,2024-01-30 09:00:00,2024-01-31 12:00:00,2024-01-31 11:00:00,,,"bug,クーポン",0,0
秘密の脆弱性,詳細,8,{SHOP}/-/issues/8,Open,Ada,ada,,,Yes,No,,2024-01-30 09:00:00,\
2024-01-31 12:00:00,,,,,0,0
"""


def gitlab_issue(**more: object) -> dict[str, Any]:
    """As ``glab issue list --output json`` and the API write it."""
    return {
        "id": 4711, "iid": 7, "project_id": 3, "title": TITLE, "description": "再現手順",
        "state": "closed", "created_at": "2024-01-30T09:00:00.123Z",
        "updated_at": "2024-01-31T12:00:00.000+09:00", "closed_at": "2024-01-31T11:00:00Z",
        "closed_by": {"id": 1, "name": "Bob"}, "labels": ["bug", "クーポン"],
        "author": {"name": "田中 花子", "username": "tanaka"},
        "assignees": [{"name": "Ada", "username": "ada"}], "type": "INCIDENT",
        "issue_type": "incident", "confidential": False, "moved_to_id": None,
        "web_url": f"{SHOP}/-/issues/7",
    } | more  # fmt: skip


def gitlab_request(**more: object) -> dict[str, Any]:
    """As ``glab mr list --output json`` and the API write it."""
    return {
        "id": 815, "iid": 12, "title": "クーポンの計算", "description": "Closes #7 and #8",
        "state": "merged", "source_branch": "coupons", "target_branch": "main", "sha": HEAD,
        "merge_commit_sha": MERGE, "squash_commit_sha": SQUASH, "squash": True,
        "web_url": f"{SHOP}/-/merge_requests/12",
    } | more  # fmt: skip


def exported_issue(**more: object) -> dict[str, Any]:
    """A line of ``tree/project/issues.ndjson``."""
    return {
        "id": 1, "iid": 7, "title": TITLE, "description": "再現手順", "state": "closed",
        "author_id": 26, "confidential": False, "created_at": "2024-01-30T09:00:00.123Z",
        "updated_at": "2024-01-31T12:00:00.000Z", "closed_at": None, "moved_to_id": None,
        "label_links": [{"id": 11, "target_type": "Issue", "label": {"title": "bug"}}],
        "notes": [{"note": "internal: geheim", "confidential": True, "author": {"name": "Eve"}}],
    } | more  # fmt: skip


def exported_request(**more: object) -> dict[str, Any]:
    """A line of ``tree/project/merge_requests.ndjson``."""
    commits = [{"relative_order": 0, "sha": HEAD, "message": "geheim"}]
    return {
        "id": 27, "iid": 12, "source_branch": "coupons", "title": "クーポン", "state": "merged",
        "description": "Fixes #7", "merge_commit_sha": MERGE, "squash_commit_sha": None,
        "merge_request_diff": {"id": 27, "merge_request_diff_commits": commits},
        "notes": [{"note": "geheim"}],
    } | more  # fmt: skip


def archive(members: dict[str, bytes]) -> bytes:
    """A .tar.gz with these files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def lines(*values: object) -> bytes:
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


GITLAB_EXPORT = archive({
    "./VERSION": b"0.2.4", "./tree/project.json": b"{}",
    "./tree/project/issues.ndjson": lines(exported_issue()),
    "./tree/project/merge_requests.ndjson": lines(exported_request()),
})  # fmt: skip


def github_issue(**more: object) -> dict[str, Any]:
    """As ``gh issue list --json ...`` writes it."""
    return {
        "number": 7, "title": TITLE, "body": "再現手順", "state": "CLOSED",
        "stateReason": "COMPLETED", "url": "https://github.com/acme/shop/issues/7",
        "labels": [{"id": "L", "name": "bug", "color": "d73a4a"}],
        "author": {"login": "tanaka", "name": "田中 花子"}, "assignees": [{"login": "ada"}],
        "createdAt": "2024-01-30T09:00:00Z", "updatedAt": "2024-01-31T12:00:00Z",
        "closedAt": "2024-01-31T11:00:00Z",
        "closedByPullRequestsReferences": [
            {"id": "PR", "number": 12, "url": "https://github.com/acme/shop/pull/12"},
            {"id": "PR", "number": 3, "url": "https://github.com/acme/tools/pull/3"},
        ],
    } | more  # fmt: skip


def github_request(**more: object) -> dict[str, Any]:
    """As ``gh pr list --json ...`` writes it."""
    return {
        "number": 12, "state": "MERGED", "url": "https://github.com/acme/shop/pull/12",
        "mergeCommit": {"oid": SQUASH}, "commits": [{"oid": HEAD, "messageHeadline": "x"}],
        "closingIssuesReferences": [{"number": 7, "url": "https://github.com/acme/shop/issues/7"}],
    } | more  # fmt: skip


GITHUB_TSV = (
    "Title\tURL\tAssignees\tStatus\tLinked pull requests\tLabels\tRepository\r\n"
    f"{TITLE}\thttps://github.com/acme/shop/issues/7\tada, bob\tDone\t"
    "https://github.com/acme/shop/pull/12\tbug, クーポン\tacme/shop\r\n"
    "A draft\t\t\tTodo\t\t\t\r\n"
)

JIRA_CSV = f"""\
Summary,Issue key,Issue id,Issue Type,Status,Project key,Project name,Priority,Resolution,Assignee,\
Reporter,Creator,Created,Updated,Last Viewed,Resolved,Labels,Labels,Description,Environment,\
Security Level,Comment,Comment
{TITLE},SHOP-7,10007,Bug,Closed,SHOP,Shop,High,Fixed,Ada,田中 花子,田中 花子,30/Jan/24 9:00 AM,\
31/Jan/24 12:00 PM,,31/Jan/24 11:00 AM,クーポン,会計,"再現手順
二行目",,,geheim,geheim
秘密,SHOP-8,10008,Bug,Open,SHOP,Shop,High,,,,,,,,,,,,,Staff,,
"""
JIRA_CSV_JA = f"""\
要約,課題キー,課題 ID,課題タイプ,ステータス,解決状況,担当者,報告者,作成日,更新日,ラベル,説明
{TITLE.removesuffix(" 🎫")},SHOP-7,10007,バグ,完了,完了,田中 花子,Ada,2024/01/30 9:00,\
2024/01/31 12:00,会計,再現手順
"""

JIRA_XML = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<!--  RSS generated by JIRA (9.12.0) at Wed Jan 31 12:00:00 JST 2024 -->
<rss version="0.92">
<channel>
    <title>Acme</title>
    <link>https://jira.example/issues/?jql=project+%3D+SHOP</link>
    <issue start="0" end="1" total="1"/>
    <item>
        <title>[SHOP-7] {TITLE}</title>
        <link>https://jira.example/browse/SHOP-7</link>
        <project id="1" key="SHOP">Shop</project>
        <description>&lt;p&gt;再現手順 &amp;amp; &lt;b&gt;二行目&lt;/b&gt;&lt;br/&gt;
三行目&lt;/p&gt;</description>
        <key id="10007">SHOP-7</key>
        <summary>{TITLE}</summary>
        <type id="1" iconUrl="https://jira.example/x.png">Bug</type>
        <status id="6">Closed</status>
        <resolution id="1">Duplicate</resolution>
        <assignee username="ada">Ada</assignee>
        <reporter username="tanaka">田中 花子</reporter>
        <labels>
            <label>クーポン</label>
            <label>会計</label>
        </labels>
        <created>Tue, 30 Jan 2024 09:00:00 +0900</created>
        <updated>Wed, 31 Jan 2024 12:00:00 +0900</updated>
        <resolved>Wed, 31 Jan 2024 11:00:00 +0900</resolved>
        <comments><comment id="1" author="eve">geheim</comment></comments>
        <customfields><customfield id="c"><customfieldname>summary</customfieldname>
            <customfieldvalues><summary>geheim</summary></customfieldvalues></customfield>
        </customfields>
    </item>
</channel>
</rss>
"""
