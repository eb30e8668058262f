/// Who may see a record: an AND of ORs of principals.
///
/// Each clause is one OR. A reader is admitted when every clause contains one of the reader's principals. An empty
/// clause admits nobody; no clause at all admits everybody, which only a record without any restriction may have.
public struct Audience: Hashable, Sendable {
    public var clauses: [Set<Principal>]

    public init(_ clauses: [Set<Principal>]) {
        self.clauses = clauses
    }

    /// Admits no one: what a rule that cannot be read becomes.
    public static let nobody = Audience([[]])

    public func admits(_ principals: Set<Principal>) -> Bool {
        clauses.allSatisfy { !$0.isDisjoint(with: principals) }
    }

    /// The audience of those whom both admit.
    public func narrowed(by other: Audience) -> Audience {
        Audience(clauses + other.clauses)
    }
}

/// An audience in the clauses an `acl` row has; all of them must be met. `nil` is unrestricted; an empty set admits nobody.
public struct AclClauses: Hashable, Sendable {
    /// Who holds Browse Projects on the issue.
    public var browse: Set<Principal>?
    /// Who is in the security level, or in the roles a team-managed issue is restricted to.
    public var level: Set<Principal>?
    /// Whom a comment or worklog is visible to.
    public var visibility: Set<Principal>?
    /// Restrictions beyond those, each of which must be met too: an internal note that is restricted to a role as well, a
    /// file of two restricted comments. Stored behind ``visibility``.
    public var further: [Set<Principal>]

    public init(
        browse: Set<Principal>?, level: Set<Principal>? = nil, visibility: Set<Principal>? = nil,
        further: [Set<Principal>] = []
    ) {
        self.browse = browse
        self.level = level
        self.visibility = visibility
        self.further = further
    }

    public static let nobody = AclClauses(browse: [])

    public var audience: Audience { Audience([browse, level, visibility].compactMap { $0 } + further) }

    public func admits(_ principals: Set<Principal>) -> Bool {
        Self.holds(browse, principals) && Self.holds(level, principals) && Self.holds(visibility, principals)
            && further.allSatisfy { Self.holds($0, principals) }
    }

    /// All principals of all clauses.
    public var principals: Set<Principal> {
        further.reduce((browse ?? []).union(level ?? []).union(visibility ?? [])) { $0.union($1) }
    }

    private static func holds(_ clause: Set<Principal>?, _ principals: Set<Principal>) -> Bool {
        guard let clause else { return true }
        return !clause.isDisjoint(with: principals)
    }

    /// Sorts any number of restrictions into the clauses; equal ones count once.
    init(browse: Set<Principal>, levels: [Set<Principal>], visibilities: [Set<Principal>]) {
        self.init(browse: browse, level: levels.first, visibility: visibilities.first)
        for clause in levels.dropFirst() + visibilities.dropFirst()
        where clause != level && clause != visibility && !further.contains(clause) {
            further.append(clause)
        }
    }
}
