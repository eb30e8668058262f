public import Cryptography
public import Database
import FastJSON
public import IssueModel
public import Store
public import Workspace

/// A grant as it is kept, without its tokens.
public struct Grant: Hashable, Sendable {
    public var id: Int64
    /// `oauth_app.id`.
    public var app: Int64
    /// Whose own grant it is; `nil` for a source's.
    public var member: MemberID?
    public var scopes: [String]
    public var sites: [GrantedSite]
    /// Counts the refresh tokens: each is used once.
    public var generation: Int64
    public var granted: Timestamp
    public var renewed: Timestamp
    /// Why it is over; `nil` as long as it holds.
    public var ended: OAuthError.Code?
}

/// The apps and grants of this installation, their secrets sealed.
public enum GrantRecords {
    /// Stores an app's secret, in the place of an earlier one of the same client id.
    ///
    /// - Returns: `oauth_app.id`.
    public static func put(_ app: OAuthApp, key: SecretKey, in context: WriteContext) throws -> Int64 {
        let connection = context.connection
        try connection.execute(
            "INSERT INTO oauth_app (client_id, secret, stored) VALUES (?, x'', ?) ON CONFLICT (client_id) DO NOTHING",
            app.clientID, context.now.rawValue)
        let id = try connection.first("SELECT id FROM oauth_app WHERE client_id = ?", app.clientID) { $0.int64(0) } ?? 0
        let sealed = try key.seal(Array(app.clientSecret.utf8), context: appContext(id))
        try connection.execute(
            "UPDATE oauth_app SET secret = ?, stored = ? WHERE id = ?", sealed, context.now.rawValue, id)
        return id
    }

    /// - Throws: ``OAuthError`` with `keyMissing` where the secret was sealed with another key.
    public static func app(_ id: Int64, key: SecretKey, in connection: Connection) throws -> OAuthApp? {
        try connection.first("SELECT client_id, secret FROM oauth_app WHERE id = ?", id) { row in
            OAuthApp(
                clientID: row.text(0),
                clientSecret: String(decoding: try open(row.blob(1), appContext(id), key), as: UTF8.self))
        }
    }

    public static func grant(_ id: Int64, in connection: Connection) throws -> Grant? {
        try connection.first("SELECT \(columns) FROM oauth_grant WHERE id = ?", id, as: grant)
    }

    /// Every grant, the oldest first.
    public static func all(in connection: Connection) throws -> [Grant] {
        try connection.rows("SELECT \(columns) FROM oauth_grant ORDER BY id", as: grant)
    }

    /// The grant that a source reads with; `nil` for another kind of credential.
    public static func grant(ofSource source: Source, key: SecretKey, in connection: Connection) throws -> Grant? {
        guard source.credentialKind == kind,
            let bytes = try SourceRecords.credential(of: source.id, key: key, in: connection)
        else { return nil }
        return try grant(inCredential: bytes).flatMap { try grant($0, in: connection) }
    }

    /// Notes that a grant holds no more; nobody uses it after that.
    public static func end(_ id: Int64, because code: OAuthError.Code, in context: WriteContext) throws {
        try context.connection.execute(
            "UPDATE oauth_grant SET ended = ? WHERE id = ? AND ended IS NULL", code.rawValue, id)
    }

    /// Removes grants that no source and no member's link uses, once they are older than an hour: a consent may be on its way
    /// to being used. Apps without a grant go too, but for those younger than that.
    public static func removeUnused(key: SecretKey, in context: WriteContext) throws {
        let connection = context.connection
        var used: Set<Int64> = []
        for source in try SourceRecords.all(in: connection) {
            if source.credentialKind == kind,
                let bytes = try SourceRecords.credential(of: source.id, key: key, in: connection),
                let grant = grant(inCredential: bytes)
            {
                used.insert(grant)
            }
            for record in try PersonalCredentials.all(source: source.id, in: connection) where record.kind == kind {
                if let grant = grant(inCredential: try PersonalCredentials.open(record, key: key)) {
                    used.insert(grant)
                }
            }
        }
        let before = context.now.rawValue - 3_600_000
        for grant in try all(in: connection) where !used.contains(grant.id) && grant.granted.rawValue < before {
            try connection.execute("DELETE FROM oauth_grant WHERE id = ?", grant.id)
        }
        try connection.execute(
            "DELETE FROM oauth_app WHERE stored < ? AND id NOT IN (SELECT app_id FROM oauth_grant)", before)
    }

    /// The kind of credential that means a grant.
    static let kind = "oauth"

    private static func grant(inCredential bytes: [UInt8]) -> Int64? {
        (try? JSONValue(parsing: bytes))?["grant"]?.integer.map(Int64.init)
    }

    // MARK: Tokens

    static func add(
        _ tokens: TokenSet, app: Int64, member: MemberID?, sites: [GrantedSite], key: SecretKey,
        in context: WriteContext
    ) throws -> Int64 {
        let connection = context.connection
        let now = context.now.rawValue
        try connection.execute(
            """
            INSERT INTO oauth_grant (app_id, member_id, scopes, sites, tokens, granted, renewed)
            VALUES (?, ?, ?, ?, x'', ?, ?)
            """, app, member?.rawValue, tokens.scopes.joined(separator: " "), write(sites), now, now)
        let id = connection.lastInsertedID
        let sealed = try key.seal(bytes(tokens), context: grantContext(id))
        try connection.execute("UPDATE oauth_grant SET tokens = ? WHERE id = ?", sealed, id)
        return id
    }

    static func tokens(of id: Int64, key: SecretKey, in connection: Connection) throws -> TokenSet? {
        try connection.first("SELECT tokens FROM oauth_grant WHERE id = ?", id) { row in
            let json = try JSONValue(parsing: try open(row.blob(0), grantContext(id), key))
            guard let access = json["access"]?.string, let expires = json["expires"]?.integer else {
                throw OAuthError(.undecodable, "What is kept of the grant cannot be read. Connect again.")
            }
            return TokenSet(access: access, refresh: json["refresh"]?.string, expires: Int64(expires), scopes: [])
        }
    }

    /// Puts renewed tokens in the place of those of `generation`.
    ///
    /// - Returns: Whether they were still there.
    static func renew(
        _ id: Int64, generation: Int64, with tokens: TokenSet, key: SecretKey, in context: WriteContext
    ) throws -> Bool {
        let sealed = try key.seal(bytes(tokens), context: grantContext(id))
        try context.connection.execute(
            """
            UPDATE oauth_grant SET tokens = ?, generation = generation + 1, renewed = ?
            WHERE id = ? AND generation = ?
            """, sealed, context.now.rawValue, id, generation)
        return context.connection.changedRows == 1
    }

    private static func bytes(_ tokens: TokenSet) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("access", tokens.access)
            json.member("refresh", tokens.refresh)
            json.member("expires", Int(tokens.expires))
        }
        return json.bytes
    }

    private static func open(_ sealed: [UInt8], _ about: String, _ key: SecretKey) throws(OAuthError) -> [UInt8] {
        do {
            return try key.open(sealed, context: about)
        } catch {
            throw OAuthError(
                .keyMissing,
                "What is kept of the grant was sealed with another key. Restore that key, or connect again.")
        }
    }

    /// Moved to another row, a secret does not open there.
    static func appContext(_ id: Int64) -> String { "oauth app \(id)" }
    static func grantContext(_ id: Int64) -> String { "oauth grant \(id)" }

    /// For another key.
    public static let sealed = [
        SealedColumn(table: "oauth_app", column: "secret", identity: ["id"]) { "oauth app \($0[0])" },
        SealedColumn(table: "oauth_grant", column: "tokens", identity: ["id"]) { "oauth grant \($0[0])" },
    ]

    // MARK: Columns

    private static let columns = "id, app_id, member_id, scopes, sites, generation, granted, renewed, ended"

    private static func grant(_ row: Row) throws -> Grant {
        Grant(
            id: row.int64(0), app: row.int64(1), member: row.optionalInt64(2).map { MemberID($0) },
            scopes: row.text(3).split(separator: " ").map(String.init), sites: try sites(row.text(4)),
            generation: row.int64(5), granted: Timestamp(milliseconds: row.int64(6)),
            renewed: Timestamp(milliseconds: row.int64(7)),
            ended: row.optionalText(8).map { OAuthError.Code(rawValue: $0) })
    }

    private static func write(_ sites: [GrantedSite]) -> String {
        var json = JSONWriter()
        json.array { json in
            for site in sites {
                json.object { json in
                    json.member("id", site.id)
                    json.member("url", site.url)
                    json.member("name", site.name)
                    json.key("scopes")
                    json.array { json in site.scopes.forEach { json.string($0) } }
                }
            }
        }
        return json.text
    }

    private static func sites(_ text: String) throws -> [GrantedSite] {
        try JSONValue(parsing: text).array?.compactMap { site in
            guard let id = site["id"]?.string, let url = site["url"]?.string else { return nil }
            return GrantedSite(
                id: id, url: url, name: site["name"]?.string ?? url,
                scopes: site["scopes"]?.array?.compactMap(\.string) ?? [])
        } ?? []
    }
}
