internal import SignIn

/// An operation's rule as people read it.
struct RuleWords: Sendable {
    let isPublic: Bool
    let sentence: String

    init(_ rule: AccessRule) {
        switch rule {
        case .anyone:
            isPublic = true
            sentence = "For anybody."
        case .member(let scope):
            isPublic = false
            sentence = "For members; an API token needs the scope `\(scope.rawValue)`."
        case .admin(let scope):
            isPublic = false
            sentence = "For admins and owners; an API token needs the scope `\(scope.rawValue)`."
        case .owner(let scope):
            isPublic = false
            sentence = "For owners; an API token needs the scope `\(scope.rawValue)`."
        }
    }
}
