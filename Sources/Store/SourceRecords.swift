internal import AccessControl
public import Cryptography
public import Database
internal import IssueModel

/// The connected sites and their sealed credentials.
public enum SourceRecords {
    /// Adds a source, or takes up a removed one of the same name and site with its content.
    ///
    /// - Parameter credential: Sealed with `key` before it is stored; `nil` for an anonymous source.
    /// - Throws: `StoreError` with code `nameTaken` when another source has the name; `keptDiffers` where a removed
    ///   source's issues are still there and were read from another site, or with another credential in a way that would
    ///   show them to more people than Jira does.
    public static func add(
        _ source: Source, credential: [UInt8]?, key: SecretKey, in context: WriteContext
    ) throws -> Source {
        var added = source
        if let known = try find(source.name, in: context.connection) {
            guard known.state == .removed, known.url == source.url else {
                throw StoreError(
                    .nameTaken,
                    "There is a source named \(source.name) already. Choose another name, or remove it first")
            }
            guard try source.continues(known) || isEmpty(known.id, in: context.connection) else {
                throw StoreError(
                    .keptDiffers,
                    "What is kept of the removed source \(known.name) was read from another site or with another credential, and would be shown as what this one sees"
                )
            }
            added.id = known.id
            added.created = known.created
        } else {
            try context.connection.execute(
                """
                INSERT INTO source (name, url, api_url, product, access_mode, credential_kind, created)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """, source.name, source.url, source.apiURL, source.product.rawValue, source.accessMode.rawValue,
                source.credentialKind, source.created.rawValue)
            added.id = context.connection.lastInsertedID
        }
        try update(added, in: context)
        try setCredential(credential, kind: source.credentialKind, of: added.id, key: key, in: context)
        return added
    }

    /// Whether no issue of a source is stored.
    private static func isEmpty(_ id: Int64, in connection: Connection) throws -> Bool {
        try connection.first("SELECT 1 FROM issue WHERE source_id = ? LIMIT 1", id) { _ in false } ?? true
    }

    /// Stores everything of `source` but its credential.
    ///
    /// Another access mode takes effect in the same transaction: the acls are derived by its rules. Keys that lack what it
    /// needs, as all do that enter ``Source/AccessMode/linked``, admit nobody until their issues are written again;
    /// `AccessRecords.outdated` finds them.
    public static func update(_ source: Source, in context: WriteContext) throws {
        let mode = try self.source(source.id, in: context.connection)?.accessMode
        try context.connection.execute(
            """
            UPDATE source SET name = ?, url = ?, api_url = ?, product = ?, site_id = ?, version = ?, access_mode = ?,
                access_options = ?, principal = ?, time_zone = ?, scope = ?, state = ?, problem = ? WHERE id = ?
            """, source.name, source.url, source.apiURL, source.product.rawValue, source.siteID, source.version,
            source.accessMode.rawValue, source.accessOptions.json, source.principal?.rawValue, source.timeZone,
            source.scope.json,
            source.state.rawValue, source.problem?.json, source.id)
        try requireChange(source.id, context)
        context.noteAccessChange()
        if let mode, mode != source.accessMode { try AccessRecords.recompute(source: source.id, in: context) }
    }

    /// Every source, in the order they were added.
    public static func all(in connection: Connection, includingRemoved: Bool = true) throws -> [Source] {
        try connection.rows("SELECT \(columns) FROM source ORDER BY id", as: source)
            .filter { includingRemoved || $0.state != .removed }
    }

    /// The source of this name, compared without regard to case.
    public static func find(_ name: String, in connection: Connection) throws -> Source? {
        try connection.first("SELECT \(columns) FROM source WHERE name = ?", name, as: source)
    }

    public static func source(_ id: Int64, in connection: Connection) throws -> Source? {
        try connection.first("SELECT \(columns) FROM source WHERE id = ?", id, as: source)
    }

    public static func setState(_ state: Source.State, of id: Int64, in context: WriteContext) throws {
        try context.connection.execute("UPDATE source SET state = ? WHERE id = ?", state.rawValue, id)
        try requireChange(id, context)
        context.noteAccessChange()
    }

    /// Notes what keeps the source from being in step; `nil` when it is again.
    public static func setProblem(_ problem: Source.Problem?, of id: Int64, in context: WriteContext) throws {
        try context.connection.execute("UPDATE source SET problem = ? WHERE id = ?", problem?.json, id)
        try requireChange(id, context)
    }

    /// Seals and stores a credential; `nil` destroys the stored one.
    public static func setCredential(
        _ credential: [UInt8]?, kind: String, of id: Int64, key: SecretKey, in context: WriteContext
    ) throws {
        let sealed = try credential.map { try key.seal($0, context: sealContext(id)) }
        try context.connection.execute(
            "UPDATE source SET credential_kind = ?, credential = ? WHERE id = ?", kind, sealed, id)
        try requireChange(id, context)
    }

    /// Opens the stored credential; `nil` where there is none.
    ///
    /// - Throws: `StoreError` with code `keyMissing` when it was sealed with another key.
    public static func credential(of id: Int64, key: SecretKey, in connection: Connection) throws -> [UInt8]? {
        let sealed = try connection.first("SELECT credential FROM source WHERE id = ?", id) { $0.optionalBlob(0) }
        guard let sealed = sealed ?? nil else { return nil }
        do {
            return try key.open(sealed, context: sealContext(id))
        } catch {
            guard error.code == .notAuthentic else { throw error }
            throw StoreError(
                .keyMissing,
                "The stored credential was sealed with another key file. Restore that file, or add the source again")
        }
    }

    /// Stops synchronising: destroys the credential and what accounts listed for themselves, and hides the content from
    /// everybody but the operator.
    public static func remove(_ id: Int64, in context: WriteContext) throws {
        try context.connection.execute(
            "UPDATE source SET state = 'removed', credential = NULL, problem = NULL WHERE id = ?", id)
        try requireChange(id, context)
        for table in ["checkpoint", "listing"] {
            try context.connection.execute("DELETE FROM \(table) WHERE source_id = ?", id)
        }
        context.noteAccessChange()
    }

    /// For another key.
    public static let sealed = SealedColumn(table: "source", column: "credential", identity: ["id"]) {
        "source \($0[0])"
    }

    /// A credential moved to another source's row does not open there.
    private static func sealContext(_ id: Int64) -> String { "source \(id)" }

    private static func requireChange(_ id: Int64, _ context: WriteContext) throws(StoreError) {
        guard context.connection.changedRows == 1 else { throw StoreError(.notFound, "There is no source \(id)") }
    }

    private static let columns = """
        id, name, url, api_url, product, site_id, version, access_mode, credential_kind, principal, time_zone, scope,
        state, problem, created, access_options
        """

    private static func source(_ row: Row) throws -> Source {
        guard let product = Source.Product(rawValue: row.text(4)), let mode = Source.AccessMode(rawValue: row.text(7)),
            let state = Source.State(rawValue: row.text(12))
        else { throw StoreError(.damaged, "Source \(row.int64(0)) has a value this version does not know") }
        return Source(
            id: row.int64(0), name: row.text(1), url: row.text(2), apiURL: row.text(3), product: product,
            siteID: row.optionalText(5), version: row.optionalText(6), accessMode: mode,
            accessOptions: try AccessOptions(json: row.text(15)), credentialKind: row.text(8),
            principal: row.optionalText(9).map { AccountID($0) }, timeZone: row.optionalText(10),
            scope: try Source.Scope(json: row.text(11)), state: state,
            problem: try row.optionalText(13).map { try Source.Problem(json: $0) },
            created: Timestamp(milliseconds: row.int64(14)))
    }
}
