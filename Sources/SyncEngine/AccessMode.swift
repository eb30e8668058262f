/// How Drawbridge knows who may see a source's content.
public enum AccessMode: String, CaseIterable, Hashable, Sendable {
    /// The site's permission and security schemes are read and applied.
    case mirror
    /// Each member sees what their own linked account lists. Until members can link accounts, that is nobody.
    case linked
    /// The source is read anonymously, and everyone sees what anonymous sees.
    case `public`
    /// An administrator lets all members see what the credential sees.
    case shared
}
