internal import FastJSON
internal import HTTPMessages
internal import SignIn
internal import WebFrame
internal import WebServer
internal import Workspace

/// What anybody may know of this installation, and who the caller is.
enum InstallationOperations {
    static let all = [about, me]

    private static let about = Operation(
        .get, "/api/v1", id: "installation.about", summary: "Name and version of what answers here", rule: .anyone,
        answers: [
            200: .json(
                "The program", .object([.required("name", .text()), .required("version", .text())]).named("About"))
        ]
    ) { call in
        .json { json in
            json.member("name", "drawbridge")
            // Whoever is not signed in need not know which version's faults there are.
            json.member("version", call.caller.member == nil ? "" : call.services.version)
        }
    }

    private static let me = Operation(
        .get, "/api/v1/me", id: "installation.me", summary: "Who you are here, and what you may do",
        rule: .member(.read),
        answers: [
            200: .json(
                "The caller",
                .object([
                    .required("id", .text()), .required("email", .text()), .required("name", .text()),
                    .required("role", .choice(of: Member.Role.self)),
                    .required("scopes", .list(of: .choice(of: Scope.self))),
                    .required("via", .choice(["session", "token"])),
                ]).named("Me"))
        ]
    ) { call in
        let member = try call.member()
        return .json { json in
            json.member("id", member.id.description)
            json.member("email", member.email)
            json.member("name", member.name)
            json.member("role", member.role.rawValue)
            json.key("scopes")
            json.array { json in call.caller.scopes.sorted().forEach { json.string($0.rawValue) } }
            json.member("via", { if case .session = call.caller.via { "session" } else { "token" } }())
        }
    }
}
