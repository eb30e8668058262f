public import Workspace

/// What an API token may be used for. Each scope includes those before it.
public enum Scope: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Reading what its owner may see.
    case read
    /// Changing what is the owner's own: subscriptions, saved things, requests to synchronise.
    case write
    /// Whatever the owner's role allows beyond that: sources, members, settings, and making tokens.
    case admin

    /// All that a member of this role may do.
    public static func all(for role: Member.Role) -> Set<Scope> {
        switch role {
        case .owner, .admin: [.read, .write, .admin]
        case .member: [.read, .write]
        }
    }

    /// The scopes with those that each includes.
    public static func closure(of scopes: Set<Scope>) -> Set<Scope> {
        guard let highest = scopes.max() else { return [] }
        return Set(allCases.filter { $0 <= highest })
    }

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .read: 0
        case .write: 1
        case .admin: 2
        }
    }
}

/// Who may use an operation.
public enum AccessRule: Hashable, Sendable {
    /// Signed in or not.
    case anyone
    /// Every active member, with this scope.
    case member(Scope)
    /// Admins and owners, with this scope.
    case admin(Scope)
    /// Owners, with this scope.
    case owner(Scope)
}
