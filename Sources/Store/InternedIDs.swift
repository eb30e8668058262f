internal import AccessControl

/// Identities that writing looks up over and over, remembered between transactions.
///
/// `@unchecked Sendable` is sound: it is touched only inside the bodies of `Database.write` and their `undone`, which
/// run one at a time. Everything is forgotten when a transaction is undone, as its rows are then gone.
final class InternedIDs: @unchecked Sendable {
    /// By source and Jira's identity.
    var accounts: [SourceKey: Int64] = [:]
    var projects: [SourceKey: Int64] = [:]
    var levels: [SourceKey: Int64] = [:]
    var catalogue: [CatalogueKey: CatalogueEntry] = [:]
    var principals: [PrincipalKey: UInt32] = [:]
    var acls: [AclCacheKey: Int64] = [:]
    /// Rules by source, as they are stored at one state of what decides access.
    var rules: [Int64: (state: WriteContext.AccessState, rules: AudienceRules)] = [:]

    struct SourceKey: Hashable {
        var source: Int64
        var value: String
    }

    struct CatalogueKey: Hashable {
        var source: Int64
        var kind: CatalogueKind
        var value: String
    }

    struct CatalogueEntry {
        var id: Int64
        /// Tells what the row was written from apart from a changed thing.
        var version: Int
    }

    struct PrincipalKey: Hashable {
        var source: Int64
        var kind: String
        var value: String
    }

    struct AclCacheKey: Hashable {
        var source: Int64
        var key: [UInt8]
    }

    /// Entries a map may have before it starts anew, which bounds memory on sites with very many accounts or labels.
    static let limit = 200_000

    func forget() {
        accounts.removeAll()
        projects.removeAll()
        levels.removeAll()
        catalogue.removeAll()
        principals.removeAll()
        acls.removeAll()
        rules.removeAll()
    }
}

extension Dictionary {
    /// Remembers a value, starting anew when `limit` entries are reached.
    mutating func remember(_ value: Value, for key: Key, limit: Int = InternedIDs.limit) {
        if count >= limit { removeAll(keepingCapacity: true) }
        self[key] = value
    }
}
