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

/// An audience in the three clauses an `acl` row has. `nil` is unrestricted; an empty set admits nobody.
public struct AclClauses: Hashable, Sendable {
    /// Who holds Browse Projects on the issue.
    public var browse: Set<Principal>?
    /// Who is in the security level, or in the roles a team-managed issue is restricted to.
    public var level: Set<Principal>?
    /// Whom a comment or worklog is visible to.
    public var visibility: Set<Principal>?

    public init(browse: Set<Principal>?, level: Set<Principal>? = nil, visibility: Set<Principal>? = nil) {
        self.browse = browse
        self.level = level
        self.visibility = visibility
    }

    public static let nobody = AclClauses(browse: [])

    public var audience: Audience { Audience([browse, level, visibility].compactMap { $0 }) }

    public func admits(_ principals: Set<Principal>) -> Bool {
        Self.holds(browse, principals) && Self.holds(level, principals) && Self.holds(visibility, principals)
    }

    /// All principals of all clauses.
    public var principals: Set<Principal> {
        (browse ?? []).union(level ?? []).union(visibility ?? [])
    }

    private static func holds(_ clause: Set<Principal>?, _ principals: Set<Principal>) -> Bool {
        guard let clause else { return true }
        return !clause.isDisjoint(with: principals)
    }

    /// Packs any number of restrictions into the three clauses.
    ///
    /// The clauses are only ever ANDed, so a second restriction of one kind takes a slot that is free. Where none is,
    /// restrictions are merged into their intersection: whoever holds a principal of it meets both, so the result never
    /// admits anyone whom Jira would not; it may hide from someone who meets each through a different principal.
    init(browse: Set<Principal>, levels: [Set<Principal>], visibilities: [Set<Principal>]) {
        var level = Self.distinct(levels)
        var visibility = Self.distinct(visibilities)
        if level.isEmpty, visibility.count > 1 { level.append(visibility.removeFirst()) }
        if visibility.isEmpty, level.count > 1 { visibility.append(level.removeLast()) }
        self.browse = browse
        self.level = Self.intersection(level)
        self.visibility = Self.intersection(visibility)
    }

    private static func distinct(_ clauses: [Set<Principal>]) -> [Set<Principal>] {
        var result: [Set<Principal>] = []
        for clause in clauses where !result.contains(clause) { result.append(clause) }
        return result
    }

    private static func intersection(_ clauses: [Set<Principal>]) -> Set<Principal>? {
        guard var result = clauses.first else { return nil }
        for clause in clauses.dropFirst() { result.formIntersection(clause) }
        return result
    }
}
