import FastJSON
import HTTPMessages
import SimulatedChanges
import SimulatedData
import SimulatedJSON
import SimulatedRules
import SimulatedSite
import SimulatedWebhooks
import WebServer

extension Simulator {
    func truth(for caller: Caller) -> SiteTruth {
        let state = site.current()
        let viewer = viewer(caller, in: state)
        var truth = SiteTruth(issues: [], comments: [], worklogs: [], attachments: [])
        for ordinal in 0..<state.issueCount where viewer.visible.contains(ordinal) {
            let row = state.row(ordinal)
            let project = Int(row.project)
            let content = state.content(of: ordinal)
            truth.issues.append(row.id)
            var hidden: Set<Int> = []
            for comment in content.comments {
                let isShown =
                    viewer.isIn(comment.visibility, project: project)
                    && (!state.isInternalNote(comment, project: project)
                        || viewer.has("SERVICEDESK_AGENT", project: project, issue: ordinal))
                if isShown { truth.comments.append(comment.id) } else { hidden.insert(comment.id) }
            }
            for worklog in content.worklogs where viewer.isIn(worklog.visibility, project: project) {
                truth.worklogs.append(worklog.id)
            }
            let inherits = state.configuration.attachmentsInheritRestrictions
            for file in content.attachments where !inherits || file.comment.map({ !hidden.contains($0) }) ?? true {
                truth.attachments.append(file.id)
            }
        }
        return truth
    }

    @concurrent func prerender(for caller: Caller) async {
        let state = site.current()
        var zone = SiteTimeZone.utc
        if isCloud, case .user(let index) = caller { zone = state.users[index].timeZone }
        let renderer = renderer(isCloud ? .v3 : .v2, zone: zone, state: state)
        await withTaskGroup(of: Void.self) { group in
            for half in 0..<2 {
                group.addTask { [self] in
                    for ordinal in stride(from: half, to: state.issueCount, by: 2)
                    where state.row(ordinal).state != .deleted {
                        let content = state.content(of: ordinal)
                        _ = rendered(ordinal, renderer, content: content)
                        if isCloud { changes(ordinal, renderer, content: content) }
                    }
                }
            }
        }
    }

    // MARK: Control over HTTP

    /// The door for tests and demonstrations in other processes; open to this machine only.
    func control(_ request: WebRequest, path: Substring) -> WebResponse {
        guard ["127.0.0.1", "::1", "::ffff:127.0.0.1"].contains(request.remoteAddress) else {
            return .text("Not found.", status: 404)
        }
        let body = try? JSONValue(parsing: request.message.body)
        switch (request.message.method, path.dropFirst("/__simulator/".count)) {
        case (.get, "site"): return describeSite()
        case (.get, "credentials"): return describeCredentials()
        case (.get, "requests"): return describeRequests()
        case (.delete, "requests"):
            log.reset()
            return .json { $0.member("done", true) }
        case (.get, "visible"): return visible(request.query["account"] ?? "")
        case (.post, "faults"):
            guard let body, let fault = Fault(body) else { return Refusal(400, "This is not a fault.").response }
            faults.add(fault)
            return .json { $0.member("done", true) }
        case (.delete, "faults"):
            faults.removeAll()
            return .json { $0.member("done", true) }
        case (.post, "changes"): return body.map { change($0) } ?? Refusal(400, "This is not a change.").response
        case (.get, "webhooks"): return WebResponse(webhooks.describe())
        case (.post, "deliveries"):
            guard let body else { return Refusal(400, "This is no plan for deliveries.").response }
            webhooks.changePlan(body)
            return .json { $0.member("done", true) }
        case (.post, "base"):
            guard let url = body?["url"]?.string, URLParts(url) != nil else {
                return Refusal(400, "url is missing.").response
            }
            base = url
            return .json { $0.member("done", true) }
        case (.post, "index"):
            site.indexLags = body?["lags"]?.array?.compactMap(\.integer).map { Milliseconds($0) } ?? []
            return .json { $0.member("done", true) }
        case (.post, "revoke"), (.post, "restore"):
            guard let secret = body?["secret"]?.string else { return Refusal(400, "secret is missing.").response }
            if path.hasSuffix("revoke") { logins.revoke(secret) } else { logins.restore(secret) }
            return .json { $0.member("done", true) }
        case (.post, "clear-captcha"):
            logins.clearFailures()
            return .json { $0.member("done", true) }
        default: return .text("Not found.", status: 404)
        }
    }

    /// Changes the site as somebody would.
    private func change(_ json: JSONValue) -> WebResponse {
        do {
            let made = try site.change { state in try DoorChange(json, at: site.clock.now()).apply(to: &state) }
            return .json { json in
                json.member("done", true)
                json.optional("id", made.map(String.init))
            }
        } catch {
            return Refusal(400, (error as? DoorChangeError)?.description ?? "The change is not possible.").response
        }
    }

    private func describeSite() -> WebResponse {
        let state = site.current()
        return .json { json in
            json.member("flavour", state.configuration.flavour.rawValue)
            json.member("url", base)
            json.member("seed", Int(clamping: state.configuration.seed))
            json.member("issues", state.issueCount)
            json.member("projects", state.projects.count)
            json.member("users", state.users.count)
            json.member("version", state.version)
            json.member("cloudId", isCloud ? configuration.cloudID : nil)
        }
    }

    private func describeCredentials() -> WebResponse {
        let credentials = SimulatedCredentials(site.current())
        let people = site.current().users.filter { $0.isActive && $0.kind == .atlassian }.prefix(20)
        let all = people.flatMap { credentials.all(of: $0) } + [credentials.serviceAccount].compactMap { $0 }
        return .jsonArray { json in
            for credential in all {
                json.object { json in
                    json.member("kind", credential.kind.rawValue)
                    json.member("user", credential.user)
                    json.member("secret", credential.secret)
                    json.member("displayName", credential.displayName)
                }
            }
        }
    }

    private func describeRequests() -> WebResponse {
        .json { json in
            json.member("count", log.count)
            json.member("bytes", log.bytes)
            json.member(
                "byRoute",
                object: { json in
                    for (route, count) in log.countByRoute.sorted(by: { $0.key < $1.key }) { json.member(route, count) }
                })
            json.member(
                "entries",
                array: { json in
                    for entry in log.entries {
                        json.object { json in
                            json.member("method", entry.method)
                            json.member("target", entry.target)
                            json.member("person", entry.person)
                            json.member("status", entry.status)
                            json.member("bytes", entry.bytes)
                        }
                    }
                })
        }
    }

    /// Truth by account id, user key or name; `anonymous` for nobody.
    private func visible(_ name: String) -> WebResponse {
        let state = site.current()
        let user = state.user(accountID: name) ?? state.user(key: name) ?? state.user(name: name)
        guard let caller = name == "anonymous" ? Caller.anonymous : user.map({ Caller.user($0.index) }) else {
            return Refusal(404, "No such account.").response
        }
        let truth = truth(for: caller)
        func write(_ name: String, _ ids: [Int], _ json: inout JSONWriter) {
            json.member(name, array: { json in for id in ids { json.string(String(id)) } })
        }
        return .json { json in
            write("issues", truth.issues, &json)
            write("comments", truth.comments, &json)
            write("attachments", truth.attachments, &json)
            write("worklogs", truth.worklogs, &json)
        }
    }
}
