import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The reduction of a pupil as a Kafka Streams application: the state of each pupil in a store with its
 * changelog, the timeline of his facts in it, his statut on a topic whenever it changes. Exactly once.
 *
 * <p>Arguments: bootstrap, application id, state folder, threads, topic of the statuts, topics to read...
 */
public final class Reduction {
  private static final String STORE = "pupils";

  public static void main(String[] args) throws Exception {
    List<String> topics = List.of(args).subList(5, args.length);
    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray())
            .withCachingEnabled()
            .withLoggingEnabled(Map.of()));
    builder.stream(topics, Consumed.with(Serdes.String(), Serdes.ByteArray()))
        .process(Fold::new, STORE)
        .to(args[4], Produced.with(Serdes.String(), Serdes.ByteArray()));
    KafkaStreams streams = new KafkaStreams(builder.build(), settings(args));
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  streams.close();
                  stopped.countDown();
                }));
    streams.start();
    stopped.await();
  }

  private static Properties settings(String[] args) {
    Properties p = new Properties();
    p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    p.put(StreamsConfig.APPLICATION_ID_CONFIG, args[1]);
    p.put(StreamsConfig.STATE_DIR_CONFIG, args[2]);
    p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, args[3]);
    p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    p.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 128L << 20);
    p.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    p.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    p.put(StreamsConfig.consumerPrefix("max.poll.records"), 5000);
    p.put(StreamsConfig.producerPrefix("compression.type"), "lz4");
    p.put(StreamsConfig.producerPrefix("linger.ms"), 50);
    return p;
  }

  /** The fields that the reduction reads, whichever the fact. */
  public static final class Fact {
    public long version;
    public String uai;
    public String serie;
    public String date_sortie;
    public String etat;
    public String famille;
    public String voie;
    public String phase;
    public String formation_id;
    public boolean projet_motive;
    public String decision;
    public String date_limite;
    public String reponse;

    @JsonProperty("rang_attente")
    public Integer rangAttente;
  }

  /** What is kept of a vœu, a proposition or an answer: its version and the words that count. */
  private record Said(long version, String a, String b, String c, boolean flag) {}

  /** The folded state of a pupil. */
  private static final class Pupil {
    final Map<String, Said> said = new HashMap<>();
    final List<String> timeline = new ArrayList<>();
    String statut = "";

    static Pupil read(byte[] bytes) throws IOException {
      Pupil pupil = new Pupil();
      if (bytes == null) {
        return pupil;
      }
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
      pupil.statut = in.readUTF();
      for (int left = in.readInt(); left > 0; left--) {
        pupil.said.put(
            in.readUTF(),
            new Said(in.readLong(), in.readUTF(), in.readUTF(), in.readUTF(), in.readBoolean()));
      }
      for (int left = in.readInt(); left > 0; left--) {
        pupil.timeline.add(in.readUTF());
      }
      return pupil;
    }

    byte[] write() throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeUTF(statut);
      out.writeInt(said.size());
      for (Map.Entry<String, Said> entry : said.entrySet()) {
        Said s = entry.getValue();
        out.writeUTF(entry.getKey());
        out.writeLong(s.version);
        out.writeUTF(s.a);
        out.writeUTF(s.b);
        out.writeUTF(s.c);
        out.writeBoolean(s.flag);
      }
      out.writeInt(timeline.size());
      for (String line : timeline) {
        out.writeUTF(line);
      }
      return bytes.toByteArray();
    }

    /** Keeps the highest version of a subject; false when this one is no news. */
    boolean keep(String subject, Said latest) {
      Said known = said.get(subject);
      if (known != null && known.version >= latest.version) {
        return false;
      }
      said.put(subject, latest);
      return true;
    }

    /** The table of shared/domaine/statut.py. */
    String derive() {
      Said dossier = said.get("d");
      if (dossier != null && dossier.a.equals("DEMISSION")) {
        return "DEMISSIONNAIRE";
      }
      boolean open = false;
      boolean answered = false;
      boolean wish = false;
      boolean confirmed = false;
      for (Map.Entry<String, Said> entry : said.entrySet()) {
        String subject = entry.getKey();
        Said s = entry.getValue();
        switch (subject.charAt(0)) {
          case 'r' -> {
            if (s.a.startsWith("ACCEPTEE")) {
              return "ADMIS";
            }
          }
          case 'p' -> {
            answered = true;
            Said reply = said.get("r" + subject.substring(1));
            open |= !s.a.equals("NON") && (reply == null || !GIVEN_UP.contains(reply.a));
          }
          case 'v' -> {
            wish |= !s.a.equals("SUPPRIME");
            confirmed |= s.a.equals("CONFIRME");
          }
          default -> {}
        }
      }
      if (answered) {
        return open ? "EN_ADMISSION" : "SANS_PROPOSITION";
      }
      if (dossier == null) {
        return "NON_INSCRIT";
      }
      return wish ? (confirmed ? "CONFIRME" : "AVEC_VOEUX") : "INSCRIT";
    }
  }

  private static final Set<String> GIVEN_UP = Set.of("REFUSEE", "EXPIREE", "DEMISSION");

  private static final class Fold implements Processor<String, byte[], String, byte[]> {
    private final ObjectReader facts =
        new ObjectMapper()
            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false)
            .readerFor(Fact.class);
    private ProcessorContext<String, byte[]> context;
    private KeyValueStore<String, byte[]> store;

    @Override
    public void init(ProcessorContext<String, byte[]> context) {
      this.context = context;
      this.store = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<String, byte[]> record) {
      int slash = record.key().indexOf('/');
      String id = slash < 0 ? record.key() : record.key().substring(0, slash);
      String subject = slash < 0 ? "" : record.key().substring(slash + 1);
      try {
        Fact fact = facts.readValue(record.value());
        Pupil pupil = Pupil.read(store.get(id));
        String type = type(record);
        if (!fold(pupil, type, subject, fact)) {
          return;
        }
        pupil.timeline.add(type + " " + subject + " " + fact.version + " " + record.timestamp());
        String statut = pupil.derive();
        boolean changed = !statut.equals(pupil.statut);
        pupil.statut = statut;
        store.put(id, pupil.write());
        if (changed) {
          context.forward(record.withKey(id).withValue(statut.getBytes(StandardCharsets.UTF_8)));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static String type(Record<String, byte[]> record) {
      Header header = record.headers().lastHeader("ce_type");
      return new String(header.value(), StandardCharsets.UTF_8);
    }

    private static boolean fold(Pupil pupil, String type, String subject, Fact f) {
      return switch (type.substring(type.lastIndexOf('.') + 1)) {
        case "EleveRemonte", "EleveSorti" ->
            pupil.keep("e", new Said(f.version, f.uai, f.serie, text(f.date_sortie), false));
        case "DossierModifie" -> pupil.keep("d", new Said(f.version, f.etat, "", "", false));
        case "VoeuModifie" ->
            pupil.keep(
                "v" + subject,
                new Said(
                    f.version,
                    f.etat,
                    f.formation_id,
                    f.famille + ' ' + f.voie + ' ' + f.phase,
                    f.projet_motive));
        case "PropositionRecue" ->
            pupil.keep(
                "p" + subject,
                new Said(
                    f.version,
                    f.decision,
                    text(f.date_limite),
                    f.rangAttente == null ? "" : f.rangAttente.toString(),
                    false));
        case "ReponseEnregistree" ->
            pupil.keep("r" + subject, new Said(f.version, f.reponse, "", "", false));
        default -> false;
      };
    }

    private static String text(String value) {
      return value == null ? "" : value;
    }
  }

  private Reduction() {}
}
