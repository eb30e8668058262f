internal import AttachmentText
internal import SiteConnection

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

extension InstallationChecks {
    /// The programs that read attached files, and whether they can be confined.
    func programs() -> [SourceCheck] {
        [
            program("pdftotext", "text of PDF attachments", "poppler-utils"),
            program("bwrap", "the sandbox around attachment parsers", "bubblewrap"), sandbox(),
        ]
    }

    private func program(_ name: String, _ purpose: String, _ package: String) -> SourceCheck {
        isInstalled(name)
            ? SourceCheck("program_\(name)", .ok, "\(name) is installed, for \(purpose).")
            : SourceCheck(
                "program_\(name)", .warn, "\(name) is not installed; it is for \(purpose).",
                fix: "Install the package \(package).")
    }

    private func isInstalled(_ name: String) -> Bool {
        (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
    }

    private func sandbox() -> SourceCheck {
        switch Sandbox.detect() {
        case .bubblewrap:
            SourceCheck("sandbox", .ok, "Attached files are read without network and without files of this machine.")
        case .limitsOnly:
            SourceCheck(
                "sandbox", .warn, "Attached files are read under limits of memory and time, but not confined.",
                why: isInstalled("bwrap")
                    ? "bwrap is there, but this system lets nobody make user namespaces, as in many containers."
                    : "bwrap is not installed.",
                fix: isInstalled("bwrap")
                    ? "Allow user namespaces (kernel.unprivileged_userns_clone, AppArmor), or leave attachments out of the sources."
                    : "Install the package bubblewrap.")
        }
    }
}
