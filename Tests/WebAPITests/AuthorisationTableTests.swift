import HTTPMessages
import SignIn
import Testing
import WebAPI
import WebFrame
import Workspace

/// Every operation of the table, asked over a socket as everybody there is.
///
/// A parameter that no operation has makes a request that nothing is done for: who may is answered with 400, and nothing
/// changes from one request to the next.
@Suite("The authorisation table") struct AuthorisationTableTests {
    /// What the rule says, written apart from `Caller.may`.
    private static func mayUse(_ rule: AccessRule, _ role: Member.Role?, _ scope: Scope?) -> Bool {
        let roles: [Member.Role?] = [nil, .member, .admin, .owner]
        let scopes: [Scope?] = [nil, .read, .write, .admin]
        // A member's admin scope is worth no more than write.
        let held = role == .member && scope == .admin ? .write : scope
        func has(_ wanted: Member.Role, _ needed: Scope) -> Bool {
            let (mine, least) = (roles.firstIndex(of: role) ?? 0, roles.firstIndex(of: wanted) ?? 9)
            let (given, asked) = (scopes.firstIndex(of: held) ?? 0, scopes.firstIndex(of: needed) ?? 9)
            return mine >= least && given >= asked
        }
        return switch rule {
        case .anyone: true
        case .member(let scope): has(.member, scope)
        case .admin(let scope): has(.admin, scope)
        case .owner(let scope): has(.owner, scope)
        }
    }

    @Test("is what the rules say, for every operation and everybody") func table() async throws {
        try await APIWorld.serving { world in
            let identities = try await world.identities()
            var wrong: [String] = []
            var asked = 0
            for operation in API.operations {
                let path = operation.path.split(separator: "/").map { $0.hasPrefix("{") ? "1" : String($0) }
                let target = "/" + path.joined(separator: "/") + "?nobody-knows-this=1"
                for identity in identities {
                    let status = try await world.status(operation.method, target, identity.headers)
                    let isAllowed = Self.mayUse(operation.rule, identity.role, identity.scope)
                    let expected = isAllowed ? 400 : identity.role == nil ? 401 : 403
                    asked += 1
                    guard status != expected else { continue }
                    wrong.append("\(operation.id) as \(identity.name): \(status), not \(expected)")
                }
            }
            #expect(wrong.isEmpty, "\(wrong.prefix(20).joined(separator: "\n"))")
            #expect(asked == API.operations.count * identities.count)
        }
    }

    @Test("a session changes nothing for another site's page") func forgery() async throws {
        try await APIWorld.serving { world in
            let owner = try await world.identities().first { $0.name == "owner's session" }
            var headers = try #require(owner).headers
            headers["X-Drawbridge"] = nil
            var wrong: [String] = []
            for operation in API.operations where operation.isChange && operation.rule != .anyone {
                let path = operation.path.split(separator: "/").map { $0.hasPrefix("{") ? "1" : String($0) }
                let target = "/" + path.joined(separator: "/") + "?nobody-knows-this=1"
                let status = try await world.status(operation.method, target, headers)
                if status != 403 { wrong.append("\(operation.id): \(status)") }
            }
            #expect(wrong.isEmpty, "\(wrong)")
        }
    }
}

@Suite("The table of operations") struct OperationTableTests {
    @Test("has one operation an id, and one a route") func isUnambiguous() {
        let operations = API.operations
        #expect(Set(operations.map(\.id)).count == operations.count)
        #expect(Set(operations.map { "\($0.method.rawValue) \($0.path)" }).count == operations.count)
    }

    @Test("documents what its paths name", arguments: API.operations.map(\.id)) func pathsAreDocumented(_ id: String)
        throws
    {
        let operation = try #require(API.operations.first { $0.id == id })
        let named = operation.parameters.filter { $0.place == .path }.map(\.name)
        #expect(Set(named) == Set(operation.captures))
        // Sign-in providers send browsers back to an address of its own.
        #expect(operation.path.hasPrefix("/api/v1") || operation.path.hasPrefix("/sign-in/"))
        #expect(operation.body == nil || operation.isChange, "what changes nothing takes no body")
    }
}
