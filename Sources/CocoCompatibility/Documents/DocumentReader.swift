internal import Workspace
internal import WebFrame
internal import AccessControl
internal import Database
internal import FastJSON
internal import IssueModel
internal import Reading
internal import SearchIndex
internal import SignIn
internal import Store

/// Reads documents for one caller in one transaction: everything goes through the set of what the caller may see.
struct DocumentReader {
    let services: CocoServices
    let caller: Caller
    let baseURL: String

    init(_ call: Call) {
        services = call.services
        caller = call.caller
        baseURL = call.baseURL
    }

    /// One snapshot: who the caller is, what they may see and the data sources that are searched.
    struct Snapshot {
        let connection: Connection
        let reader: Reader
        let allowed: AllowedSet
        /// Those that are enabled.
        let dataSources: [DataSource]

        init(_ reading: DocumentReader, in connection: Connection) throws {
            self.connection = connection
            reader = try reading.caller.reader(in: connection)
            allowed = try reading.services.store.access.allowed(to: reader, in: connection)
            dataSources = try DataSources.all(in: connection).filter(\.isEnabled)
        }

        /// The part of the allowed set that lies in these sources.
        func allowed(in sources: Set<Int64>) throws -> AllowedSet {
            let everySource = try SourceRecords.all(in: connection, includingRemoved: false).map(\.id)
            if sources.isSuperset(of: everySource) { return allowed }
            let rows = try sources.sorted().flatMap { source in
                try connection.rows("SELECT id FROM acl WHERE source_id = ?", source) { $0.int64(0) }
            }
            return allowed.narrowed(to: rows)
        }
    }

    /// The document with this id, with its payload; `nil` alike for one that does not exist and for one that the caller may
    /// not see.
    func document(_ text: String) async throws -> JSONValue? {
        guard let id = DocumentID(text) else { return nil }
        return try await services.store.read { connection in
            let snapshot = try Snapshot(self, in: connection)
            guard
                let (dataSource, meaning) = try services.names.meaning(
                    of: id, among: snapshot.dataSources, in: connection)
            else { return nil }
            var views = IssueViews(store: services.store)
            guard let view = try views.view(of: meaning.issue, allowed: snapshot.allowed, in: connection) else {
                return nil
            }
            let document = CocoDocument(dataSource: dataSource, view: view, baseURL: baseURL)
            switch meaning {
            case .issue: return try document.issueDocument(withPayload: true)
            case .attachment(let attachment, _):
                return try document.attachmentDocument(attachment, withPayload: true)
            }
        }
    }
}
