import AccessControl
import AccessEngine
import IssueModel
public import JiraClient
public import Store

extension SourceSetup {
    /// Tries another credential on a source's site and puts it in the place of the stored one if it works.
    ///
    /// What was read stays. Where the account is another one, the next run says so and reads what it may.
    ///
    /// - Parameter also: What else belongs to the transaction in which it is stored.
    /// - Throws: ``SyncFailure`` where a check fails, and where what was read with the stored one would be shown as what
    ///   the new one sees; the stored credential is then kept.
    public func replaceCredential(
        of source: Source, with credential: Credential, in store: Store,
        also: @escaping @Sendable (WriteContext) throws -> Void = { _ in }
    ) async throws(SyncFailure) -> Findings {
        guard source.state != .removed else {
            throw SyncFailure(
                .sourceUnknown, what: "The source \(source.name) was removed.", fix: "Add it again to use it.")
        }
        let findings = await test(
            source.url, credential, projects: source.scope.projects, jql: source.scope.jql, mode: source.accessMode)
        guard findings.isUsable else { throw findings.refusal }
        do {
            let key = try store.secretKey()
            let bytes = CredentialRecord.bytes(credential)
            try await store.write { context in
                // As it is now: it may have been removed or shared while the site was asked.
                try Self.requireSameReader(try Self.present(source, in: context), credential, findings)
                try SourceRecords.setCredential(bytes, kind: credential.kind, of: source.id, key: key, in: context)
                try SourceRecords.setProblem(nil, of: source.id, in: context)
                try also(context)
            }
            return findings
        } catch {
            throw SyncFailure(error, in: .identify)
        }
    }

    /// In the modes public and shared nothing but the credential keeps anybody out, so that it must go on seeing what was
    /// read with it.
    private static func requireSameReader(
        _ source: Source, _ credential: Credential, _ findings: Findings
    ) throws(SyncFailure) {
        let purge =
            "Add the site under another name, or delete what is kept first: drawbridge source remove \(source.name) --purge."
        if credential.isAnonymous, !source.isAnonymous {
            throw SyncFailure(
                .credentialRefused, what: "\(source.name) is read with an account and does not become anonymous.",
                why: "What the account had read would stay, and nobody sees it without signing in.", fix: purge)
        }
        let account = findings.identity?.account?.id
        guard source.accessMode == .shared, let known = source.principal, account != known else { return }
        throw SyncFailure(
            .credentialRefused, what: "The credential belongs to another account, and \(source.name) is shared.",
            why: "Every member would go on seeing what only the first account may see.",
            fix: "Choose another mode first: drawbridge access configure \(source.name) --mode mirror. Or: \(purge)")
    }
}

extension SourceSetup.Findings {
    /// Why the site cannot be used.
    var refusal: SyncFailure {
        let failed = checks.last { $0.outcome == .fail }
        return failure
            ?? SyncFailure(
                .siteAnswersWrongly, what: failed?.what ?? "The site cannot be used.", why: failed?.why ?? "",
                fix: failed?.fix ?? "")
    }
}
