internal import Workspace
internal import AccessControl
internal import FastJSON
internal import HTTPMessages
internal import IssueModel
internal import JiraClient
internal import Reading
internal import SignIn
internal import SiteConnection
internal import SourceAdministration
internal import Store
internal import WebFrame
internal import WebServer

/// Connecting sites, and what they are.
enum SourceOperations {
    static let all = [
        list, add, tryOut, get, removalCounts, remove, pause, resume, test, credential, move,
    ]

    private static let list = Operation(
        .get, "/api/v1/sources", id: "sources.list", summary: "The connected sites, and how fresh their copies are",
        rule: .member(.read),
        answers: [
            200: .json("Every source; admins see also those that were removed", Schemas.list("sources", of: brief))
        ]
    ) { call in
        let (store, isAdmin) = (call.services.store, call.isAdmin)
        let rows = try await store.read { [now = store.now] connection in
            try SourceRecords.all(in: connection, includingRemoved: isAdmin).map {
                ($0, try Freshness(of: [$0], now: now, in: connection))
            }
        }
        return .json { json in
            json.key("sources")
            json.array { json in
                for (source, freshness) in rows {
                    json.object { json in
                        json.member("name", source.name)
                        json.member("url", source.url)
                        json.member("product", source.product.rawValue)
                        json.member("accessMode", source.accessMode.rawValue)
                        json.member("state", source.state.rawValue)
                        json.key("freshness")
                        freshness.write(to: &json, details: false)
                    }
                }
            }
        }
    }

    private static let brief = Schema.object([
        .required("name", .text()), .required("url", .text()), .required("product", .text()),
        .required("accessMode", .text()), .required("state", .choice(["active", "paused", "removed"])),
        .required("freshness", Schemas.freshness),
    ])

    private static let add = Operation(
        .post, "/api/v1/sources", id: "sources.add",
        summary: "Connect a site: tries it first, and keeps it if it is usable",
        details:
            "Only an owner may choose the access mode shared, in which every member sees what the credential sees.",
        rule: .admin(.admin),
        body: .json(
            .input([
                .required("name", Schemas.sourceName), .required("url", .text(1...2_000)),
                .required("credential", Schemas.credential), .optional("projects", .list(of: Schemas.key, 0...1_000)),
                .optional("jql", .text(1...10_000)), .optional("accessMode", .choice(of: AccessMode.self)),
            ])),
        answers: [
            201: .json(
                "The source and what was found",
                .object([.required("source", Schemas.source), .required("checks", .list(of: Schemas.check))]))
        ], problems: [409, 422, 424]
    ) { call in
        let mode = call.given("accessMode").flatMap(AccessMode.init(rawValue:))
        try requireOwner(for: mode, call)
        let request = SourceSetup.Request(
            name: call.given("name") ?? "", address: call.given("url") ?? "",
            credential: try await call.credential(call.body["credential"] ?? .null),
            projects: call.givenList("projects") ?? [], jql: call.given("jql"), mode: mode)
        let added = try await call.services.administration.add(
            request, expires: call.body["credential"]?["expires"]?.string.flatMap { Timestamp($0) },
            by: call.caller.origin)
        call.services.wake()
        var json = JSONWriter()
        json.object { json in
            json.key("source")
            SourceReport(added.source).write(to: &json)
            json.key("checks")
            json.array { json in added.findings.checks.forEach { $0.write(to: &json) } }
        }
        return .created("/api/v1/sources/\(PercentEncoding.encode(added.source.name))", json.bytes)
    }

    /// What everybody would see then is not an admin's to decide.
    static func requireOwner(for mode: AccessMode?, _ call: Call) throws(Problem) {
        guard mode == .shared || mode == .public, call.caller.role != .owner else { return }
        throw Problem(
            403, "owner_needed", "You may not do this",
            detail: "Only an owner may choose a mode in which members see what Jira would not show each of them.")
    }

    private static let tryOut = Operation(
        .post, "/api/v1/source-tests", id: "sources.try",
        summary: "Try an address and a credential, and say of each check what it means", details: "Keeps nothing.",
        rule: .admin(.admin),
        body: .json(
            .input([
                .required("url", .text(1...2_000)), .required("credential", Schemas.credential),
                .optional("projects", .list(of: Schemas.key, 0...1_000)), .optional("jql", .text(1...10_000)),
                .optional("accessMode", .choice(of: AccessMode.self)),
            ])), answers: [200: .json("Every check", Schemas.findings)]
    ) { call in
        let findings = await call.services.administration.setup.test(
            call.given("url") ?? "", try await call.credential(call.body["credential"] ?? .null),
            projects: call.givenList("projects") ?? [], jql: call.given("jql"),
            mode: call.given("accessMode").flatMap(AccessMode.init(rawValue:)))
        return .json(json(findings))
    }

    private static let get = Operation(
        .get, "/api/v1/sources/{source}", id: "sources.get", summary: "One source", rule: .admin(.read),
        parameters: [Schemas.sourcePath], answers: [200: .json("The source, never its credential", Schemas.source)]
    ) { call in
        .json(json(try await call.services.administration.source(named: call.path("source"))))
    }

    private static let removalCounts = Operation(
        .get, "/api/v1/sources/{source}/removal", id: "sources.removal",
        summary: "What goes when the source is removed and purged", rule: .admin(.read),
        parameters: [Schemas.sourcePath],
        answers: [
            200: .json(
                "Counts",
                .object(
                    ["issues", "comments", "worklogs", "attachments", "links", "credentials"].map {
                        .required($0, .integer())
                    }))
        ]
    ) { call in
        var json = JSONWriter()
        try await call.services.administration.removalCounts(of: call.path("source")).write(to: &json)
        return .json(json.bytes)
    }

    private static let remove = Operation(
        .delete, "/api/v1/sources/{source}", id: "sources.remove",
        summary: "Disconnect a source: destroys its credential and hides its content, or destroys that too",
        details:
            "Without purge the content is kept, frozen and hidden from everybody; adding the source again takes it up.",
        rule: .admin(.admin),
        parameters: [
            Schemas.sourcePath, .query("purge", .boolean, "destroy the content too, so that nothing of it stays"),
            .query("confirm", .text(0...80), "with purge: the source's name once more"),
        ],
        answers: [
            200: .json(
                "Done",
                .object([
                    .required("removed", .boolean),
                    .required("remains", .list(of: .text()).saying("what a Jira administrator has to do by hand")),
                ]))
        ], problems: [409, 424]
    ) { call in
        let (name, purge) = (call.path("source"), call.flag("purge"))
        guard !purge || call.text("confirm") == name else {
            throw Problem.conflict(
                "confirmation_missing", "Purging destroys everything of the source: send confirm=NAME with its name.")
        }
        let remains = try await call.services.administration.remove(name, purge: purge, by: call.caller.origin)
        return .json { json in
            json.member("removed", true)
            json.key("remains")
            json.array { json in remains.forEach { json.string($0) } }
        }
    }

    private static let pause = state("pause", "Let a source rest", .paused)
    private static let resume = state("resume", "Let a source go on", .active)

    private static func state(_ word: String, _ summary: String, _ state: Source.State) -> Operation {
        Operation(
            .post, "/api/v1/sources/{source}/\(word)", id: "sources.\(word)", summary: summary, rule: .admin(.write),
            parameters: [Schemas.sourcePath], answers: [200: .json("The source", Schemas.source)]
        ) { call in
            let source = try await call.services.administration.setState(
                state, of: call.path("source"), by: call.caller.origin)
            call.services.wake()
            return .json(json(source))
        }
    }

    private static let test = Operation(
        .post, "/api/v1/sources/{source}/test", id: "sources.test",
        summary: "Try a source again with its own credential", rule: .admin(.read), parameters: [Schemas.sourcePath],
        answers: [200: .json("Every check", Schemas.findings)], problems: [424]
    ) { call in
        .json(json(try await call.services.administration.test(call.path("source"))))
    }

    private static let credential = Operation(
        .put, "/api/v1/sources/{source}/credential", id: "sources.credential",
        summary: "Give a source another credential, if it works; what was copied stays", rule: .admin(.admin),
        parameters: [Schemas.sourcePath], body: .json(Schemas.credential),
        answers: [200: .json("Every check", Schemas.findings)], problems: [409, 422, 424]
    ) { call in
        let findings = try await call.services.administration.replaceCredential(
            of: call.path("source"), with: try await call.credential(call.body),
            expires: call.given("expires").flatMap { Timestamp($0) }, by: call.caller.origin)
        call.services.wake()
        return .json(json(findings))
    }

    private static let move = Operation(
        .put, "/api/v1/sources/{source}/address", id: "sources.move",
        summary: "Follow a site to another address, if the same site answers there",
        details: "For owners: the source's credential is sent to the new address.", rule: .owner(.admin),
        parameters: [Schemas.sourcePath], body: .json(.input([.required("url", .text(1...2_000))])),
        answers: [200: .json("The source", Schemas.source)], problems: [409, 422, 424]
    ) { call in
        let moved = try await call.services.administration.move(
            call.path("source"), to: call.given("url") ?? "", by: call.caller.origin)
        return .json(json(moved.source))
    }

    static func json(_ source: Source) -> [UInt8] {
        var json = JSONWriter()
        SourceReport(source).write(to: &json)
        return json.bytes
    }

    private static func json(_ findings: SourceSetup.Findings) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("usable", findings.isUsable)
            json.member("product", findings.identity?.product.rawValue)
            json.member("url", findings.identity?.baseURL)
            json.member("version", findings.identity?.version)
            json.key("checks")
            json.array { json in findings.checks.forEach { $0.write(to: &json) } }
        }
        return json.bytes
    }
}
