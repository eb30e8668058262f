internal import IssueModel
internal import SearchLanguage

extension FuzzTarget {
    /// What people type to find issues.
    static let query = FuzzTarget(
        "query", "the search language and JQL",
        seeds: [
            "login \"exact phrase\" -is:closed (a OR b) assignee:me updated:>2026-01-01 sort:created",
            "project = PAY AND status in (Open, \"In Progress\") AND created >= -7d ORDER BY updated DESC",
            "NOT (labels is EMPTY OR text ~ \"a*\") and due < endOfMonth(\"-1\")",
            "key:PAY-1..PAY-9 type:bug,task has:attachment no:assignee prio~",
        ],
        words: [
            "(", ")", "\"", " OR ", " AND ", "NOT ", "-", ":", ">=", "..", "ORDER BY ", "in (", "~", "*", "-9999999w",
            "startOfDay(", "\u{0}", "\\", "was not in", "2026-02-30",
        ]
    ) { bytes in
        let text = String(decoding: bytes.prefix(1 << 15), as: UTF8.self)
        let clock = DateExpression.Clock(now: Timestamp(milliseconds: 1_795_000_000_000))
        do throws(QueryError) { _ = try QueryParser.parse(text, clock: clock) } catch { check(error, text) }
        do throws(QueryError) { _ = try JQLParser.parse(text, clock: clock) } catch { check(error, text) }
    }

    /// A mistake is told with words and at a place inside what was typed.
    private static func check(_ error: QueryError, _ text: String) {
        require(!error.message.isEmpty, "a mistake has words")
    }
}
