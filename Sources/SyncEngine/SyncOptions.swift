public import JiraClient

/// How a synchronisation works. The defaults suit every site; tests make the sizes small.
public struct SyncOptions: Sendable {
    /// How much is under way at once.
    public var limits = SyncPlan.Limits()
    /// Issues fetched and prepared together where ids are listed apart (Cloud). Defaults to 1,000, for which one request
    /// gives the histories.
    public var issuesPerUnit = 1_000
    /// How far before the mark a delta begins, for changes that Jira's index shows late. Defaults to five minutes.
    public var overlap: Duration = .seconds(300)
    /// Attachments larger than this keep their metadata only, in bytes. Defaults to 20 MiB.
    public var attachmentSizeLimit: Int64 = 20 << 20
    /// Attachments fetched and read at once. Defaults to 4.
    public var attachmentsAtOnce = 4
    /// Issues that a dictionary for the packed copies is trained on. Defaults to 400.
    public var dictionarySamples = 400
    /// From one reading of what decides access to the next. Where `nil`, a run begins with one, and a long run repeats it as
    /// often as the source's own options say.
    public var accessInterval: Duration?
    public var client = JiraClient.Options()

    public init() {}
}
