internal import AccessControl
public import Database

extension SearchIndex {
    /// What of the index does not follow the stored issues, in words with counts; empty when all is well.
    ///
    /// Above all whom it shows what: an issue is found by those who may see its row, and words of a restricted part by
    /// those who may see that part. Restricted words of an issue that is closed to everybody are not looked at, as nobody
    /// reaches them.
    public static func mistakes(in connection: Connection) throws -> [String] {
        var (unreadable, orphans, others) = (0, 0, 0)
        var values: [IssueRecord.Value] = []
        try connection.forEach(
            "SELECT s.record, i.acl_id FROM search_issue s LEFT JOIN issue i ON i.id = s.issue_id"
        ) { row in
            values.removeAll(keepingCapacity: true)
            guard let record = row.withBytes(0, { IssueRecord($0, values: &values) }) else { return unreadable += 1 }
            guard let acl = row.optionalInt64(1) else { return orphans += 1 }
            if Int64(record.acl) != acl { others += 1 }
        }
        let restricted = try connection.first(
            """
            SELECT count(*) FROM search_restricted s JOIN issue i ON i.id = s.issue_id JOIN acl a ON a.id = i.acl_id
            WHERE a.key <> ?
                AND s.acl_id NOT IN (SELECT acl_id FROM comment WHERE issue_id = s.issue_id)
                AND s.acl_id NOT IN (SELECT acl_id FROM worklog WHERE issue_id = s.issue_id)
                AND s.acl_id NOT IN (SELECT acl_id FROM attachment WHERE issue_id = s.issue_id)
            """, AclKey.withheld.bytes
        ) { $0.int(0) }
        return [
            (unreadable, "search records that cannot be read back"),
            (orphans, "search records without an issue"),
            (others, "issues that search shows to others than their audience"),
            (restricted ?? 0, "restricted texts that search shows to others than their audience"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    }
}
