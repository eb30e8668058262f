internal import FastJSON
internal import HTTPMessages
internal import IssueModel
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer

/// `/provider/_info`: what a client asks before anything else.
enum SystemOperations {
    /// The oldest client that speaks what is answered here.
    private static let oldestClient = "0.3"

    static let all: [Operation] = [
        .coco(.get, "/provider/_info", "provider.info", "What answers here", .anyone) { call in
            let isSound = (try? await call.services.store.read { try Settings.contentVersion(in: $0) }) != nil
            let (base, now) = (call.baseURL, call.services.store.now)
            // Whoever is not signed in need not know which version's faults there are.
            let version = call.caller.member == nil ? "" : call.services.version
            return Reply.json { json in
                json.member("name", "Drawbridge")
                json.member("endpoint", base)
                json.key("provider")
                json.value([
                    "name": "Drawbridge", "icon": "", "website": "", "eula": "", "privacy_policy": "", "banner": "",
                    "description": "A copy of Jira that shows everybody what Jira would show them",
                ])
                json.key("version")
                json.value(["number": .string(version)])
                json.key("minimal_client_version")
                json.value(["number": .string(oldestClient)])
                json.member("updated", now.rfc3339)
                json.member("public", false)
                json.key("auth_provider")
                json.value(["sso": ["url": .string(base.isEmpty ? "" : base + "/")]])
                json.member("managed", true)
                json.key("store")
                json.value(.object([]))
                json.key("health")
                json.value(["status": .string(isSound ? "green" : "red"), "services": .object([])])
                json.key("stats")
                json.value(["assistant_count": 0])
            }
        }
    ]
}
