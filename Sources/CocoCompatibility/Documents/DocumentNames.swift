internal import Database
internal import IssueModel
internal import Store
internal import Synchronization

/// Finds what a document id stands for.
///
/// A digest cannot be turned back, so the ids of a data source's issues and attachments are computed once and kept in
/// memory, about a hundred bytes each. They are computed anew where an id is not among them and something changed since, or
/// where what it stood for has other keys by now.
/// Says nothing of who may see what: whoever asks decides that.
final class DocumentNames: Sendable {
    /// What an id stands for.
    enum Meaning: Hashable, Sendable {
        /// `issue.id`.
        case issue(Int64)
        case attachment(EntityID, issue: Int64)

        var issue: Int64 {
            switch self {
            case .issue(let id), .attachment(_, let id): id
            }
        }
    }

    private struct Names {
        var version: Int64
        var indexesAttachments: Bool
        var meanings: [DocumentID: Meaning]
    }

    private let known = Mutex<[String: Names]>([:])

    /// What the id stands for in one of the data sources; former keys of an issue count as well.
    func meaning(
        of id: DocumentID, among dataSources: [DataSource], in connection: Connection
    ) throws -> (DataSource, Meaning)? {
        let version = try Settings.contentVersion(in: connection)
        return try known.withLock { known in
            for dataSource in dataSources {
                guard let names = known[dataSource.id], let meaning = names.meanings[id] else { continue }
                if try names.version == version || Self.holds(id, meaning, dataSource, connection) {
                    return (dataSource, meaning)
                }
            }
            for dataSource in dataSources {
                let names = known[dataSource.id]
                guard names?.version != version || names?.indexesAttachments != dataSource.indexesAttachments else {
                    continue
                }
                let fresh = try Self.names(of: dataSource, version, in: connection)
                known[dataSource.id] = fresh
                if let meaning = fresh.meanings[id] { return (dataSource, meaning) }
            }
            return nil
        }
    }

    /// Whether what was found before still has this id: keys move from one issue to another.
    private static func holds(
        _ id: DocumentID, _ meaning: Meaning, _ dataSource: DataSource, _ connection: Connection
    ) throws -> Bool {
        guard let row = try IssueRecords.row(meaning.issue, in: connection), row.source == dataSource.source.id else {
            return false
        }
        switch meaning {
        case .attachment(let attachment, _):
            return try DocumentID(attachment: attachment, of: row.key, in: dataSource.id) == id
        case .issue:
            let keys = try [row.key] + IssueRecords.formerKeys(of: row.id, in: connection)
            return try keys.contains { try DocumentID(issue: $0, of: dataSource.id) == id }
        }
    }

    /// Forgets a data source that is gone.
    func forget(_ dataSource: String) { known.withLock { _ = $0.removeValue(forKey: dataSource) } }

    private static func names(
        of dataSource: DataSource, _ version: Int64, in connection: Connection
    ) throws -> Names {
        var meanings: [DocumentID: Meaning] = [:]
        // An attachment keeps the id of the issue's present key only.
        if dataSource.indexesAttachments {
            try connection.forEach(
                "SELECT i.key, a.jira_id, i.id FROM issue i JOIN attachment a ON a.issue_id = i.id WHERE i.source_id = ?",
                dataSource.source.id
            ) { row in
                let attachment = EntityID(row.text(1))
                let id = try DocumentID(attachment: attachment, of: row.text(0), in: dataSource.id)
                meanings[id] = .attachment(attachment, issue: row.int64(2))
            }
        }
        try connection.forEach("SELECT key, issue_id FROM issue_key WHERE source_id = ?", dataSource.source.id) { row in
            meanings[try DocumentID(issue: row.text(0), of: dataSource.id)] = .issue(row.int64(1))
        }
        return Names(version: version, indexesAttachments: dataSource.indexesAttachments, meanings: meanings)
    }
}
