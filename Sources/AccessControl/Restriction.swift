public import IssueModel

/// What narrows a comment or worklog beyond its issue.
public enum Restriction: Hashable, Sendable {
    /// Visible to a role or group. `identifier` is an id, or, for roles on Cloud, sometimes the name.
    case visibility(kind: Visibility.Kind, identifier: String?, name: String)
    /// A service desk's internal note: for agents only.
    case `internal`

    public init(_ visibility: Visibility) {
        self = .visibility(kind: visibility.kind, identifier: visibility.identifier, name: visibility.name)
    }

    /// The restrictions of one comment.
    public static func of(_ comment: Comment) -> Set<Restriction> {
        guard comment.visibility != nil || comment.isInternal else { return [] }
        var result: Set<Restriction> = []
        if let visibility = comment.visibility { result.insert(Restriction(visibility)) }
        if comment.isInternal { result.insert(.internal) }
        return result
    }

    /// The restrictions of one worklog.
    public static func of(_ worklog: Worklog) -> Set<Restriction> {
        worklog.visibility.map { [Restriction($0)] } ?? []
    }

    /// The restriction by what identifies it alone: the identifier where Jira gives one, else the name without regard to case.
    /// A role or group that is renamed stays the same.
    public var canonical: Restriction {
        switch self {
        case .internal: self
        case .visibility(let kind, .some(let identifier), _):
            .visibility(kind: kind, identifier: identifier, name: "")
        case .visibility(let kind, .none, let name):
            .visibility(kind: kind, identifier: nil, name: name.lowercased())
        }
    }
}

extension Restriction {
    /// The role's name in lower case, where the restriction names a role and Jira gives no id of it.
    ///
    /// Cloud documents a role's `identifier` as its name, so that only a number is taken for an id.
    public var roleName: String? {
        guard case .visibility(.role, let identifier, let name) = self, identifier.map({ Int64($0) == nil }) ?? true
        else { return nil }
        return (identifier ?? name).lowercased()
    }

    /// The canonical restriction as text: `internal`, or kind, `id` or `name`, and that.
    var text: String {
        switch canonical {
        case .internal: "internal"
        case .visibility(let kind, let identifier, let name):
            identifier.map { "\(kind.rawValue)/id/\($0)" } ?? "\(kind.rawValue)/name/\(name)"
        }
    }

    /// Reads what ``text`` wrote.
    init?(text: some StringProtocol) {
        if text == "internal" {
            self = .internal
            return
        }
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let kind = Visibility.Kind(rawValue: String(parts[0])) else { return nil }
        switch parts[1] {
        case "id": self = .visibility(kind: kind, identifier: String(parts[2]), name: "")
        case "name": self = .visibility(kind: kind, identifier: nil, name: String(parts[2]))
        default: return nil
        }
    }
}
