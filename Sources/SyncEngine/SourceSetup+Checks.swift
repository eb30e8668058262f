public import AccessControl
import IssueModel
public import JiraClient
public import Store

extension SourceSetup {
    /// Tries everything a synchronisation will need, and says of each whether it works, what it means and what to do.
    public func test(
        _ address: String, _ credential: Credential, projects: [String] = [], jql: String? = nil,
        mode: Source.AccessMode? = nil
    ) async -> Findings {
        var findings = Findings()
        let identity: SiteIdentity
        do throws(JiraError) {
            let address = try SiteAddress(address)
            let probe = SiteProbe(transport: transport, apiURL: gatewayURL, time: time)
            identity = try await probe.identify(address, credential)
        } catch {
            findings.fail(error.concernsAccess ? "signed_in" : "reachable", error)
            return findings
        }
        findings.identity = identity
        for mend in identity.mends { findings.checks.append(SourceCheck("address", .ok, mend.description)) }
        findings.checks.append(
            SourceCheck("reachable", .ok, "\(identity.product.words) \(identity.version) at \(identity.baseURL)"))
        findings.note(identity, credential)
        let client = JiraClient(identity, credential, transport: transport, options: options, time: time)
        let listed = await checkProjects(client, projects, &findings)
        if let jql { await check(jql, client, &findings) }
        if mode ?? (credential.isAnonymous ? .public : .mirror) == .mirror {
            await checkAccess(client, listed.first, &findings)
        }
        return findings
    }

    private func checkProjects(
        _ client: JiraClient, _ wanted: [String], _ findings: inout Findings
    ) async -> [FetchedProject] {
        do throws(JiraError) {
            let all = try await client.projects()
            let keys = Set(all.flatMap { $0.keys + [$0.project.key] }.map { $0.uppercased() })
            for key in wanted where !keys.contains(key.uppercased()) {
                findings.checks.append(
                    SourceCheck(
                        "project", .fail, "Project \(key) is not there.",
                        why: "It does not exist, or the account lacks Browse Projects in it.", fix: "Check the key."))
            }
            let outcome: SourceCheck.Outcome = all.isEmpty ? .fail : .ok
            findings.checks.append(
                SourceCheck(
                    "projects", outcome, "The account sees \(all.count) project\(all.count == 1 ? "" : "s").",
                    why: all.isEmpty ? "Without projects there is nothing to read." : "",
                    fix: all.isEmpty ? "Give the account the permission Browse Projects." : ""))
            return all
        } catch {
            findings.fail("projects", error)
            return []
        }
    }

    private func check(_ jql: String, _ client: JiraClient, _ findings: inout Findings) async {
        do throws(JiraError) {
            let count = try await client.issueCount(IssueQuery(jql: jql))
            findings.checks.append(
                SourceCheck(
                    "jql", count == 0 ? .warn : .ok, "The query finds \(count) issue\(count == 1 ? "" : "s").",
                    why: count == 0 ? "Nothing will be read until it finds some." : ""))
        } catch {
            findings.fail("jql", error)
        }
    }

    /// Without these the site cannot be mirrored; the source is usable all the same, but shows nothing to members.
    private func checkAccess(_ client: JiraClient, _ project: FetchedProject?, _ findings: inout Findings) async {
        let hidden = "Who may see what stays unknown, so members would see nothing of this site."
        var works = true
        func attempt(_ code: String, _ what: String, _ body: () async throws(JiraError) -> Void) async {
            do throws(JiraError) {
                try await body()
                findings.checks.append(SourceCheck(code, .ok, "\(what) can be read."))
            } catch {
                works = false
                findings.checks.append(
                    SourceCheck(
                        code, .warn, "\(what) cannot be read.", why: hidden + " " + error.description,
                        fix: "Use an account with the permission Administer Jira, or choose another --access."))
            }
        }
        if let project {
            await attempt("permission_schemes", "Permission schemes") { () async throws(JiraError) in
                _ = try await client.permissionScheme(ofProject: project.project.id)
            }
            await attempt("roles", "Project roles") { () async throws(JiraError) in
                _ = try await client.roleActors(in: project.project.id)
            }
        }
        await attempt("groups", "Groups") { () async throws(JiraError) in
            guard let group = try await client.groups().first else { return }
            _ = try await client.members(of: group)
        }
        findings.canMirror = works
        await checkLevels(client, &findings)
    }

    private func checkLevels(_ client: JiraClient, _ findings: inout Findings) async {
        do throws(JiraError) {
            let schemes = try await client.securitySchemes()
            guard client.flavour == .dataCenter else {
                findings.checks.append(SourceCheck("security_levels", .ok, "Security levels can be read."))
                return
            }
            guard !schemes.isEmpty else { return }
            findings.checks.append(
                SourceCheck(
                    "security_levels", .warn, "Data Center does not tell who is in a security level.",
                    why: "Issues with a level stay hidden from members."))
        } catch {
            findings.checks.append(
                SourceCheck(
                    "security_levels", .warn, "Security levels cannot be read.",
                    why: "Issues with a level stay hidden from members. " + error.description,
                    fix: "Use an account with the permission Administer Jira."))
        }
    }
}

extension SourceSetup.Findings {
    mutating func fail(_ code: String, _ error: JiraError) {
        var failure = SyncFailure(error)
        failure.fix = error.code.fix
        self.failure = self.failure ?? failure
        checks.append(SourceCheck(code, .fail, failure.what, why: failure.personalWhy, fix: failure.fix))
    }

    private static func words(_ seconds: Int) -> String {
        switch seconds {
        case ..<7_200: "\(seconds / 60) minute\(seconds < 120 ? "" : "s")"
        case ..<172_800: "\(seconds / 3_600) hours"
        default: "\(seconds / 86_400) days"
        }
    }

    mutating func note(_ identity: SiteIdentity, _ credential: Credential) {
        if identity.baseURL.hasPrefix("http://"), (try? SiteAddress(identity.baseURL))?.isLoopback != true {
            checks.append(
                SourceCheck(
                    "secure", .warn, "The address is not encrypted.",
                    why: "The credential and everything read can be seen on the way.",
                    fix: "Use https if the site has it."))
        }
        if let account = identity.account {
            checks.append(SourceCheck("signed_in", .ok, "Signed in as \(account.displayName)."))
        } else if credential.isAnonymous {
            checks.append(SourceCheck("signed_in", .ok, "Reading without signing in."))
        }
        if let skew = identity.clockSkewSeconds, abs(skew) > 60 {
            checks.append(
                SourceCheck(
                    "clock", .warn,
                    "The site's clock is \(Self.words(abs(skew))) \(skew < 0 ? "behind" : "ahead of") ours.",
                    why: "Times shown may be off; nothing is lost.", fix: "Set both clocks by NTP."))
        }
    }
}

extension SiteIdentity.Product {
    fileprivate var words: String {
        switch self {
        case .cloud: "Jira Cloud"
        case .dataCenter: "Jira Data Center"
        case .server: "Jira Server"
        }
    }
}

extension JiraError.Code {
    fileprivate var fix: String {
        switch self {
        case .notJira, .loginPage, .hostNotFound, .invalidAddress: "Check the address."
        case .credentialRefused, .credentialIgnored: "Create a new token and try again."
        default: ""
        }
    }
}
