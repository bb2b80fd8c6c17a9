import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.Cursor;
import de.bwaldvogel.mongo.backend.aggregation.Aggregation;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryCollection;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.oplog.Oplog;
import java.util.List;

/**
 * A MongoDB in memory. Prints its port on a line and serves until its standard input ends. With any argument it has no change
 * streams.
 */
public class StandIn {
    public static void main(String[] args) throws Exception {
        MemoryBackend backend = args.length == 0 ? new Indexed() : new Alone();
        backend.version(new Version());
        MongoServer server = new MongoServer(backend);
        // Change streams read the oplog.
        server.enableOplog();
        server.bind("127.0.0.1", 0);
        System.out.println(server.getLocalAddress().getPort());
        while (System.in.read() != -1) { }
        server.shutdownNow();
        System.exit(0);
    }

    private static class Indexed extends MemoryBackend {
        private final Journal journal = new Journal(getCursorRegistry());

        @Override
        public MemoryDatabase openOrCreateDatabase(String name) {
            return new TruthfulDatabase(name, getCursorRegistry()) {
                @Override
                protected MemoryCollection openOrCreateCollection(String collection, CollectionOptions options) {
                    return new NumberedCollection(this, collection, options, cursorRegistry, journal);
                }
            };
        }

        @Override
        protected Oplog createOplog() {
            return journal;
        }

        /** A cursor holds the documents themselves, so no write may change them while they are copied. */
        @Override
        protected Document handleGetMore(String database, String command, Document query) {
            MongoDatabase of = resolveDatabase(database);
            synchronized (of) {
                return super.handleGetMore(database, command, query).cloneDeeply();
            }
        }
    }

    /** Refuses change streams, as a mongod does that is no replica set. */
    private static class Alone extends Indexed {
        @Override
        protected Oplog createOplog() {
            return new Oplog() {
                @Override
                public void handleInsert(String namespace, List<Document> documents) { }

                @Override
                public void handleUpdate(String namespace, Document selector, Document query, List<Object> ids) { }

                @Override
                public void handleDelete(String namespace, Document query, List<Object> ids) { }

                @Override
                public void handleDropCollection(String namespace) { }

                @Override
                public Cursor createCursor(Document stream, String namespace, Aggregation aggregation) {
                    String message = "The $changeStream stage is only supported on replica sets";
                    throw new MongoServerError(40573, message);
                }
            };
        }
    }

    /** Today's drivers refuse the version that the library names itself. */
    private static class Version implements MongoVersion {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(5, 0, 0);
        }

        @Override
        public int getWireVersion() {
            return 13;
        }
    }
}
