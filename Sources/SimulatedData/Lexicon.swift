/// The words simulated texts are made of.
enum Lexicon {
    private static func words(_ text: String) -> [String] {
        text.split(separator: " ").map(String.init)
    }

    static let nouns = words(
        """
        request response session cache token queue payload invoice order index schema migration retry timeout header \
        cursor page report export import template widget form dialog table column filter job worker thread lock buffer \
        socket certificate tenant account role audit event message topic partition snapshot backup replica shard cluster \
        node pipeline build release branch commit artifact image container pod volume secret config flag metric alert \
        dashboard trace span log record batch transaction ledger balance refund coupon basket checkout catalogue product \
        shipment address currency tax receipt subscription plan quota limit webhook callback redirect cookie layout menu \
        tooltip icon locale translation calendar timer schedule attachment thumbnail preview comment mention notification \
        digest newsletter contact segment campaign survey gateway proxy router parser compiler renderer scanner encoder \
        decoder adapter driver plugin extension module package library toolkit installer updater sandbox fixture mock \
        assertion baseline benchmark heap stack pointer iterator closure promise future channel stream chunk frame packet
        """)
    static let adjectives = words(
        """
        stale empty missing duplicate slow nested concurrent partial invalid expired unexpected large archived hidden \
        read-only deprecated legacy optional mandatory default custom shared private public internal external remote \
        local temporary persistent corrupted truncated malformed oversized negative unicode localized scheduled pending \
        failed retried cancelled orphaned inconsistent ambiguous redundant idle blocked throttled encrypted signed \
        unsigned anonymous mobile responsive accessible verbose silent recursive asynchronous idempotent transient
        """)
    static let verbs = words(
        """
        load save render parse validate submit refresh import export sync merge split retry cancel archive restore \
        delete update create publish subscribe resolve redirect encode decode compress upload download preview rotate \
        schedule dispatch acknowledge reject approve reconcile deduplicate migrate provision throttle invalidate flush \
        rebuild reindex paginate sort filter aggregate sanitize escape normalize serialize authenticate authorize
        """)
    static let participles = words(
        """
        loaded saved rendered parsed validated submitted refreshed imported exported synced merged split retried \
        cancelled archived restored deleted updated created published resolved redirected encoded decoded compressed \
        uploaded downloaded previewed rotated scheduled dispatched acknowledged rejected approved reconciled migrated \
        provisioned throttled invalidated flushed rebuilt reindexed paginated sorted filtered escaped serialized
        """)
    static let exceptions = words(
        """
        NullPointerException IllegalStateException TimeoutException ConnectionResetException IndexOutOfBoundsException \
        ConcurrentModificationException StackOverflowError OutOfMemoryError KeyError TypeError ValueError \
        DeadlockDetected UniqueViolation SocketTimeoutException CertificateExpired HandshakeFailure ParseError \
        EncodingError DecodingError PermissionDenied QuotaExceeded BrokenPipeError AssertionError RangeError \
        UnhandledPromiseRejection NoSuchElementException ArithmeticException ClassCastException SerializationException
        """)
    static let classPrefixes = words(
        """
        Session Token Invoice Order Index Schema Retry Page Report Export Import Template Widget Filter Job Worker \
        Tenant Account Role Audit Event Message Topic Snapshot Backup Shard Cluster Pipeline Build Release Metric Alert \
        Ledger Balance Refund Basket Checkout Catalogue Shipment Currency Receipt Plan Quota Webhook Cookie Locale
        """)
    static let classSuffixes = words(
        """
        Service Manager Repository Controller Factory Handler Resolver Builder Parser Writer Reader Listener Validator \
        Mapper Client Cache Registry Scheduler Dispatcher Serializer Adapter Provider Processor Gateway Monitor
        """)
    static let areas = words(
        "billing auth search core api ui admin import mobile storage network analytics messaging workflow reporting infra"
    )
    static let environments = [
        "production", "staging", "the test cluster", "the EU region", "the demo tenant", "local development",
        "the nightly build", "the canary pool", "the customer's sandbox",
    ]
    static let browsers = [
        "Firefox", "Chrome", "Safari", "Edge", "the iOS app", "the Android app", "the desktop client",
    ]
    static let firstNames = words(
        """
        Avery Noor Mateo Ingrid Kofi Lena Hiroshi Priya Tomas Zofia Emeka Clara Dmitri Amara Joao Elif Sven Marta \
        Kenji Leila Oscar Freya Rohan Bianca Idris Greta Pavel Yuna Andre Salma Nils Carmen Tariq Aoife Bruno Mei
        """)
    static let lastNames = words(
        """
        Lindqvist Okafor Tanaka Moreau Novak Ferrari Haddad Silva Kowalski Brandt Osei Nakamura Petrov Iyer Doyle \
        Vargas Schmid Yilmaz Larsen Costa Mensah Fischer Rahman Duval Sato Horvath Keane Molina Berg Achebe Weiss Roth
        """)

    /// Invented product and service names: thousands, so that searches have rare words too.
    static let codenames: [String] = {
        let starts = words(
            "Ar Bel Cor Dra El Fen Gal Hel Il Jor Kes Lum Mar Nim Or Per Quil Ras Sol Tor Ul Ver Wil Xan Yar Zel Bri Cal Dor Fal"
        )
        let middles = words("a e i o u an en in or al is ora eli ani umi")
        let ends = words("dra lix mon nor pha ris tas via wyn zar")
        return ends.flatMap { end in middles.flatMap { middle in starts.map { $0 + middle + end } } }
    }()
}
