/// Who the provider says the person is.
public struct ProvenIdentity: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    public var issuer: String
    /// The provider's own id of the person, which never changes; unlike an address.
    public var subject: String
    /// The person's address, only where the provider says that it verified it.
    public var email: String?
    /// Whether the provider named an address that it does not vouch for.
    public var hasUnverifiedEmail: Bool
    public var name: String?
    /// The person's groups; `nil` where no claim lists them.
    public var groups: [String]?
    /// For ending the provider's session too; see ``SingleSignOn/endSessionURL(hint:returnTo:)``. A secret.
    public var identityToken: String
    /// The path within this server that the person wanted.
    public var returnTo: String

    /// Says nothing of the person, so that no log can.
    public var description: String { "ProvenIdentity" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Which group of the provider gives which role here.
public struct GroupRules: Hashable, Sendable {
    /// In the order of weight: the first that applies decides.
    public var rules: [(group: String, role: String)] { pairs.map { ($0.group, $0.role) } }
    private let pairs: [Pair]

    private struct Pair: Hashable {
        var group: String
        var role: String
    }

    /// Reads `drawbridge-admins=admin, everyone=member`. The last equals sign divides, for groups may have some.
    ///
    /// - Parameter roles: The roles there are, the weightiest first.
    /// - Throws: `misconfigured`, naming the part.
    public init(_ text: String, roles: [String]) throws(SingleSignOnError) {
        var pairs: [Pair] = []
        for part in text.split(separator: ",") {
            let part = part.drop { $0 == " " }
            guard let divider = part.lastIndex(of: "="), divider != part.startIndex else {
                throw SingleSignOnError(.misconfigured, "Group rules are written group=role, group=role.")
            }
            let role = part[part.index(after: divider)...].filter { $0 != " " }
            guard roles.contains(role) else {
                throw SingleSignOnError(
                    .misconfigured, "A group rule names no role. The roles are \(roles.joined(separator: ", ")).")
            }
            var group = part[..<divider]
            while group.last == " " { group.removeLast() }
            pairs.append(Pair(group: String(group), role: role))
        }
        self.pairs = roles.flatMap { role in pairs.filter { $0.role == role } }
    }

    /// Whether groups decide at all.
    public var isEmpty: Bool { pairs.isEmpty }

    /// The weightiest role that the groups give; `nil` where they give none: such a person has no business here.
    public func role(of groups: [String]) -> String? {
        pairs.first { groups.contains($0.group) }?.role
    }
}
