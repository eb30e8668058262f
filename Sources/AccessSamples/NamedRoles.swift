import AccessControl
public import Database
public import IssueModel

/// Issues of which a part is confined to a role that Jira gives by its name alone.
public enum NamedRoles {
    /// Issues of a project with a comment or worklog that is confined to a role by one of `names`, in lower case.
    public static func issues(
        naming names: Set<String>, of project: EntityID, source: Int64, in connection: Connection
    ) throws -> [IssueID] {
        if names.isEmpty { return [] }
        var acls: [Int64] = []
        try connection.forEach(
            "SELECT id, key FROM acl WHERE source_id = ? AND visibility IS NOT NULL", source
        ) { row in
            guard let inputs = AclInputs(AclKey(bytes: row.blob(1))), inputs.project == project,
                inputs.restrictions.contains(where: { $0.roleName.map(names.contains) ?? false })
            else { return }
            acls.append(row.int64(0))
        }
        if acls.isEmpty { return [] }
        let list = "[" + acls.map(String.init).joined(separator: ",") + "]"
        var issues: Set<IssueID> = []
        for table in ["comment", "worklog"] {
            // One pass, as nothing else needs an index of parts by their acls.
            try connection.forEach(
                """
                SELECT i.jira_id FROM \(table) t JOIN issue i ON i.id = t.issue_id
                WHERE t.acl_id IN (SELECT value FROM json_each(?))
                """, list
            ) { issues.insert(IssueID($0.int64(0))) }
        }
        return issues.sorted()
    }
}
