import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The measures of the indicators by lycée × série as a Kafka Streams application, exactly once.
 *
 * <p>Two topologies. {@code dsl}: aggregate per pupil → groupBy (lycée × série) → adder and subtractor, as its
 * documentation teaches. {@code delta}: the same, except that a pupil whose contribution did not change sends
 * nothing on: faster, written with the processor API.
 *
 * <p>Arguments: bootstrap, application id, state folder, threads, topology, topics to read...
 */
public final class Indicateurs {
  private static final String PUPILS = "pupils";
  private static final String TOTALS = "totals";

  /** Order of the measures in a total: that of tests/bench/peers/totaux.py. */
  private enum M {
    VIVIER,
    INSCRITS,
    SANS_VOEU,
    L1_PASS,
    QUE_L1_PASS,
    CONFIRMES,
    CONFIRMES_L1_PASS,
    CONFIRMES_QUE_L1_PASS,
    SANS_VOEU_CONFIRME,
    ADMIS,
    ADMIS_L1_PASS,
    ADMIS_QUE_L1_PASS,
    ACCEPTES,
    ACCEPTES_L1_PASS,
    ACCEPTES_QUE_L1_PASS,
    CONFIRMES_ADMIS,
    CONFIRMES_ADMIS_L1_PASS,
    CONFIRMES_ADMIS_QUE_L1_PASS,
    CONFIRMES_ACCEPTES,
    CONFIRMES_ACCEPTES_L1_PASS,
    CONFIRMES_ACCEPTES_QUE_L1_PASS,
    ACCEPTES_EN_MAINTENANT,
    A_REPONDRE,
    REPONDUS,
    EXPIREES,
    SANS_PROPOSITION,
    QUE_ATTENTE,
    QUE_REFUS,
    DEMISSIONS,
    COMPLEMENTAIRE,
    COMPLEMENTAIRE_ADMIS,
    CAES,
    CAES_PROPOSITIONS
  }

  private static final int MEASURES = M.values().length;

  public static void main(String[] args) throws Exception {
    List<String> topics = List.of(args).subList(5, args.length);
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, Fact> facts =
        builder
            .stream(topics, Consumed.with(Serdes.serdeFrom(Serdes.String().serializer(), new PupilOfKey()), Serdes.ByteArray()))
            .processValues(Decode::new);
    if (args[4].equals("dsl")) {
      dsl(facts);
    } else {
      delta(builder, facts);
    }
    KafkaStreams streams = new KafkaStreams(builder.build(), settings(args));
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  streams.close();
                  stopped.countDown();
                }));
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.setStateListener(
        (now, before) -> {
          if (now == KafkaStreams.State.ERROR) {
            Runtime.getRuntime().halt(1);
          }
        });
    streams.start();
    stopped.await();
  }

  private static void dsl(KStream<String, Fact> facts) {
    facts
        .groupByKey()
        .aggregate(
            Pupil::new,
            (id, fact, pupil) -> pupil.fold(fact),
            Materialized.<String, Pupil, KeyValueStore<Bytes, byte[]>>as(PUPILS)
                .withKeySerde(Serdes.String())
                .withValueSerde(PUPIL)
                .withCachingEnabled())
        .groupBy(
            (id, pupil) -> KeyValue.pair(pupil.cell().isEmpty() ? null : pupil.cell(), pupil.measures()),
            Grouped.with(Serdes.String(), COUNTS))
        .aggregate(
            () -> new int[MEASURES],
            (cell, counts, total) -> plus(total, counts, 1),
            (cell, counts, total) -> plus(total, counts, -1),
            totals());
  }

  private static void delta(StreamsBuilder builder, KStream<String, Fact> facts) {
    builder.addStateStore(
        Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(PUPILS), Serdes.String(), PUPIL)
            .withCachingEnabled()
            .withLoggingEnabled(Map.of()));
    facts
        .process(Fold::new, PUPILS)
        .repartition(Repartitioned.with(Serdes.String(), COUNTS).withName("contributions"))
        .groupByKey(Grouped.with(Serdes.String(), COUNTS))
        .aggregate(() -> new int[MEASURES], (cell, counts, total) -> plus(total, counts, 1), totals());
  }

  private static Materialized<String, int[], KeyValueStore<Bytes, byte[]>> totals() {
    return Materialized.<String, int[], KeyValueStore<Bytes, byte[]>>as(TOTALS)
        .withKeySerde(Serdes.String())
        .withValueSerde(COUNTS)
        .withCachingEnabled();
  }

  private static int[] plus(int[] total, int[] counts, int sign) {
    int[] sum = total.clone();
    for (int i = 0; i < MEASURES; i++) {
      sum[i] += sign * counts[i];
    }
    return sum;
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
    p.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.OPTIMIZE);
    p.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    p.put(StreamsConfig.consumerPrefix("max.poll.records"), 5000);
    p.put(StreamsConfig.consumerPrefix("fetch.max.bytes"), 64 << 20);
    p.put(StreamsConfig.consumerPrefix("max.partition.fetch.bytes"), 4 << 20);
    p.put(StreamsConfig.producerPrefix("compression.type"), "lz4");
    p.put(StreamsConfig.producerPrefix("linger.ms"), 50);
    p.put(StreamsConfig.producerPrefix("batch.size"), 128 << 10);
    return p;
  }

  /** The pupil of a key {@code id} or {@code id/subject}: all his facts are one key, in one partition. */
  private static final class PupilOfKey implements Deserializer<String> {
    private final StringDeserializer text = new StringDeserializer();

    @Override
    public String deserialize(String topic, byte[] key) {
      return text.deserialize(topic, key.length > 36 ? Arrays.copyOf(key, 36) : key);
    }
  }

  /** The fields that the measures need, whichever the fact. */
  public static final class Fact {
    char type;
    public long version;
    public int revision;
    public String uai;
    public String serie;

    @JsonProperty("date_sortie")
    public String leaving;

    public String etat;
    public String famille;
    public String voie;
    public String phase;

    @JsonProperty("voeu_id")
    public String wish;

    @JsonProperty("sous_voeu_id")
    public String part;

    public String decision;
    public String reponse;
    public boolean annule;
  }

  private static final class Decode implements FixedKeyProcessor<String, byte[], Fact> {
    private final ObjectReader reader =
        new ObjectMapper()
            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false)
            .readerFor(Fact.class);
    private FixedKeyProcessorContext<String, Fact> context;

    @Override
    public void init(FixedKeyProcessorContext<String, Fact> context) {
      this.context = context;
    }

    @Override
    public void process(FixedKeyRecord<String, byte[]> record) {
      char type = type(record.headers());
      if (type == '-') {
        return;
      }
      try {
        Fact fact = reader.readValue(record.value());
        fact.type = type;
        context.forward(record.withValue(fact));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static char type(Headers headers) {
      String type = new String(headers.lastHeader("ce_type").value(), StandardCharsets.US_ASCII);
      return switch (type) {
        case "fr.pilotage.EleveRemonte.v1", "fr.pilotage.EleveSorti.v1" -> 'e';
        case "fr.pilotage.DossierModifie.v1" -> 'd';
        case "fr.pilotage.CaesModifiee.v1" -> 'c';
        case "fr.pilotage.VoeuModifie.v1" -> 'v';
        case "fr.pilotage.VoeuNonConfirme.v1" -> 'n';
        case "fr.pilotage.PropositionRecue.v1" -> 'p';
        case "fr.pilotage.PropositionExpiree.v1" -> 'x';
        case "fr.pilotage.ReponseEnregistree.v1" -> 'r';
        default -> '-';
      };
    }
  }

  /** Folds, and sends on only what a pupil's change adds to and takes from the totals. */
  private static final class Fold implements Processor<String, Fact, String, int[]> {
    private ProcessorContext<String, int[]> context;
    private KeyValueStore<String, Pupil> store;

    @Override
    public void init(ProcessorContext<String, int[]> context) {
      this.context = context;
      this.store = context.getStateStore(PUPILS);
    }

    @Override
    public void process(Record<String, Fact> record) {
      Pupil pupil = store.get(record.key());
      pupil = pupil == null ? new Pupil() : pupil;
      String cell = pupil.cell();
      int[] before = pupil.measures();
      pupil.fold(record.value());
      store.put(record.key(), pupil);
      int[] after = pupil.measures();
      if (!pupil.cell().equals(cell)) {
        send(record, cell, plus(new int[MEASURES], before, -1));
        send(record, pupil.cell(), after);
      } else if (!Arrays.equals(before, after)) {
        send(record, cell, plus(after, before, -1));
      }
    }

    private void send(Record<String, Fact> record, String cell, int[] delta) {
      if (!cell.isEmpty()) {
        context.forward(record.withKey(cell).withValue(delta));
      }
    }
  }

  /** A vœu, its proposition, its answer and its expiry: the highest version of each, and one byte of it. */
  private static final class Wish {
    static final int PARTS = 4;
    static final int ASKED = 0;
    static final int DECIDED = 1;
    static final int ANSWERED = 2;
    static final int EXPIRED = 3;
    static final int L1_PASS = 8;
    static final int COMPLEMENTARY = 16;
    final long[] version = {-1, -1, -1, -1};
    final int[] revision = new int[PARTS];
    final byte[] word = new byte[PARTS];

    static Wish read(ByteBuffer in) {
      Wish wish = new Wish();
      int present = in.get();
      for (int part = 0; part < PARTS; part++) {
        if ((present & 1 << part) != 0) {
          wish.version[part] = in.getLong();
          wish.revision[part] = in.getInt();
          wish.word[part] = in.get();
        }
      }
      return wish;
    }

    void write(ByteBuffer out) {
      int place = out.position();
      int present = 0;
      out.put((byte) 0);
      for (int part = 0; part < PARTS; part++) {
        if (version[part] >= 0) {
          present |= 1 << part;
          out.putLong(version[part]).putInt(revision[part]).put(word[part]);
        }
      }
      out.put(place, (byte) present);
    }

    void fold(int part, Fact f, byte said) {
      if (f.version > version[part] || (f.version == version[part] && f.revision > revision[part])) {
        version[part] = f.version;
        revision[part] = f.revision;
        word[part] = said;
      }
    }

    boolean active() {
      return version[ASKED] >= 0 && (word[ASKED] & 7) != 0;
    }

    boolean confirmed() {
      return version[ASKED] >= 0 && (word[ASKED] & 7) == 2;
    }

    /** An active vœu of the L1/PASS. */
    boolean l1() {
      return version[ASKED] >= 0 && (word[ASKED] & L1_PASS) != 0;
    }

    boolean complementary() {
      return version[ASKED] >= 0 && (word[ASKED] & COMPLEMENTARY) != 0;
    }

    /** 0: no decision; 1: oui, oui si; 2: retenu sous réserve; 3: en attente; 4: non. */
    int decision() {
      return version[DECIDED] >= 0 ? word[DECIDED] : 0;
    }

    /** 0: none; 1: accepted; 2: accepted en maintenant; 3: given up; 4: expired. */
    int answer() {
      if (version[ANSWERED] >= 0) {
        return word[ANSWERED];
      }
      boolean late = word[EXPIRED] == 1 && version[EXPIRED] >= version[DECIDED];
      return late && version[EXPIRED] >= 0 && decision() == 1 ? 4 : 0;
    }
  }

  /** The folded state of a pupil. */
  private static final class Pupil {
    private final Map<String, Wish> wishes;
    private final long[] version = {-1, -1, -1};
    private final byte[] word = new byte[3];
    private String place = "";

    Pupil() {
      wishes = new HashMap<>();
    }

    private Pupil(ByteBuffer in) {
      for (int i = 0; i < 3; i++) {
        version[i] = in.getLong();
        word[i] = in.get();
      }
      place = text(in);
      int left = in.getShort();
      wishes = new HashMap<>(left * 2);
      for (; left > 0; left--) {
        wishes.put(text(in), Wish.read(in));
      }
    }

    private static String text(ByteBuffer in) {
      byte[] text = new byte[in.get()];
      in.get(text);
      return new String(text, StandardCharsets.US_ASCII);
    }

    byte[] write() {
      int size = 30 + place.length();
      for (String key : wishes.keySet()) {
        size += 2 + 13 * Wish.PARTS + key.length();
      }
      ByteBuffer out = ByteBuffer.allocate(size);
      for (int i = 0; i < 3; i++) {
        out.putLong(version[i]).put(word[i]);
      }
      out.put((byte) place.length()).put(place.getBytes(StandardCharsets.US_ASCII));
      out.putShort((short) wishes.size());
      for (Map.Entry<String, Wish> entry : wishes.entrySet()) {
        out.put((byte) entry.getKey().length()).put(entry.getKey().getBytes(StandardCharsets.US_ASCII));
        entry.getValue().write(out);
      }
      return Arrays.copyOf(out.array(), out.position());
    }

    Pupil fold(Fact f) {
      switch (f.type) {
        case 'e' -> {
          if (keep(0, f, f.leaving == null ? 1 : 0)) {
            place = f.uai + '|' + f.serie;
          }
        }
        case 'd' -> keep(1, f, f.etat.equals("DEMISSION") ? 1 : 0);
        case 'c' -> keep(2, f, f.etat.equals("PROPOSITION") || f.etat.equals("ACCEPTEE") ? 2 : 1);
        default -> {
          Wish wish = wishes.computeIfAbsent(f.part == null ? f.wish : f.wish + '/' + f.part, key -> new Wish());
          switch (f.type) {
            case 'v' -> wish.fold(Wish.ASKED, f, asked(f));
            case 'p' -> wish.fold(Wish.DECIDED, f, decided(f));
            case 'r' -> wish.fold(Wish.ANSWERED, f, answered(f));
            default -> wish.fold(Wish.EXPIRED, f, (byte) (f.annule ? 0 : 1));
          }
        }
      }
      return this;
    }

    private boolean keep(int subject, Fact f, int said) {
      if (version[subject] >= f.version) {
        return false;
      }
      version[subject] = f.version;
      word[subject] = (byte) said;
      return true;
    }

    private static byte asked(Fact f) {
      int etat =
          switch (f.etat) {
            case "SUPPRIME" -> 0;
            case "CONFIRME" -> 2;
            default -> 1;
          };
      boolean l1 = f.famille.equals("LICENCE") || f.famille.equals("LAS") || f.famille.equals("PASS");
      return (byte)
          (etat
              | (l1 && f.voie.equals("ETUDIANT") ? Wish.L1_PASS : 0)
              | (f.phase.equals("COMPLEMENTAIRE") ? Wish.COMPLEMENTARY : 0));
    }

    private static byte decided(Fact f) {
      return switch (f.decision) {
        case "OUI", "OUI_SI" -> (byte) 1;
        case "RETENU_SOUS_RESERVE" -> (byte) 2;
        case "EN_ATTENTE" -> (byte) 3;
        default -> (byte) 4;
      };
    }

    private static byte answered(Fact f) {
      return switch (f.reponse) {
        case "ACCEPTEE" -> (byte) 1;
        case "ACCEPTEE_EN_MAINTENANT" -> (byte) 2;
        case "EXPIREE" -> (byte) 4;
        default -> (byte) 3;
      };
    }

    /** Where he counts; nowhere when his lycée is not known or he left it. */
    String cell() {
      return word[0] == 1 ? place : "";
    }

    int[] measures() {
      int[] m = new int[MEASURES];
      set(m, M.VIVIER, true);
      if (version[1] >= 0) {
        Tally tally = new Tally();
        wishes.forEach(tally::add);
        tally.count(m, word[1] == 1);
        set(m, M.CAES, version[2] >= 0);
        set(m, M.CAES_PROPOSITIONS, version[2] >= 0 && word[2] == 2);
      }
      return m;
    }
  }

  private static void set(int[] m, M measure, boolean counts) {
    m[measure.ordinal()] = counts ? 1 : 0;
  }

  /** What the vœux of one pupil say together. At each stage: any, one of L1/PASS, one of another filière. */
  private static final class Tally {
    private static final int ASKED = 0;
    private static final int CONFIRMED = 1;
    private static final int PROPOSED = 2;
    private static final int ACCEPTED = 3;
    private final boolean[] l1 = new boolean[4];
    private final boolean[] other = new boolean[4];
    private boolean complementary;
    private boolean proposedLater;
    private boolean answered;
    private boolean open;
    private boolean waiting;
    private boolean refused;
    private boolean expired;
    private Wish accepted;
    private String acceptedKey = "";

    private void reach(int stage, Wish wish) {
      l1[stage] |= wish.l1();
      other[stage] |= !wish.l1();
    }

    void add(String key, Wish wish) {
      if (wish.active()) {
        reach(ASKED, wish);
        complementary |= wish.complementary();
      }
      if (wish.confirmed()) {
        reach(CONFIRMED, wish);
      }
      int decision = wish.decision();
      int answer = wish.answer();
      answered |= decision != 0;
      refused |= decision == 4;
      waiting |= decision == 3 && answer < 3;
      expired |= decision != 0 && answer == 4;
      open |= decision == 1 && answer == 0;
      if (decision == 1 || decision == 2) {
        reach(PROPOSED, wish);
        proposedLater |= wish.complementary();
        if (answer == 1 || answer == 2) {
          last(key, wish);
        }
      }
    }

    private void last(String key, Wish wish) {
      int order = accepted == null ? 1 : Long.compare(wish.version[2], accepted.version[2]);
      if (order > 0 || (order == 0 && key.compareTo(acceptedKey) > 0)) {
        accepted = wish;
        acceptedKey = key;
      }
    }

    private boolean any(int stage) {
      return l1[stage] || other[stage];
    }

    private void three(int[] m, M first, int stage, boolean also) {
      m[first.ordinal()] = also && any(stage) ? 1 : 0;
      m[first.ordinal() + 1] = also && l1[stage] ? 1 : 0;
      m[first.ordinal() + 2] = also && l1[stage] && !other[stage] ? 1 : 0;
    }

    void count(int[] m, boolean left) {
      if (accepted != null) {
        reach(ACCEPTED, accepted);
      }
      set(m, M.INSCRITS, true);
      set(m, M.SANS_VOEU, !any(ASKED));
      set(m, M.L1_PASS, l1[ASKED]);
      set(m, M.QUE_L1_PASS, l1[ASKED] && !other[ASKED]);
      three(m, M.CONFIRMES, CONFIRMED, true);
      set(m, M.SANS_VOEU_CONFIRME, !any(CONFIRMED));
      three(m, M.ADMIS, PROPOSED, true);
      three(m, M.ACCEPTES, ACCEPTED, !left);
      three(m, M.CONFIRMES_ADMIS, PROPOSED, any(CONFIRMED));
      three(m, M.CONFIRMES_ACCEPTES, ACCEPTED, any(CONFIRMED) && !left);
      set(m, M.ACCEPTES_EN_MAINTENANT, accepted != null && accepted.answer() == 2 && !left);
      set(m, M.A_REPONDRE, open && !left);
      set(m, M.REPONDUS, answered);
      set(m, M.EXPIREES, expired);
      set(m, M.SANS_PROPOSITION, answered && !any(PROPOSED) && !left);
      set(m, M.QUE_ATTENTE, waiting && !any(PROPOSED) && !refused && !left);
      set(m, M.QUE_REFUS, answered && !any(PROPOSED) && !waiting && !left);
      set(m, M.DEMISSIONS, left);
      set(m, M.COMPLEMENTAIRE, complementary && !left);
      set(m, M.COMPLEMENTAIRE_ADMIS, proposedLater && !left);
    }
  }

  private static final Serde<Pupil> PUPIL =
      Serdes.serdeFrom(
          (Serializer<Pupil>) (topic, pupil) -> pupil == null ? null : pupil.write(),
          (Deserializer<Pupil>) (topic, bytes) -> bytes == null ? null : new Pupil(ByteBuffer.wrap(bytes)));

  private static final Serde<int[]> COUNTS =
      Serdes.serdeFrom(
          (Serializer<int[]>)
              (topic, counts) -> {
                if (counts == null) {
                  return null;
                }
                ByteBuffer out = ByteBuffer.allocate(4 * MEASURES);
                out.asIntBuffer().put(counts);
                return out.array();
              },
          (Deserializer<int[]>)
              (topic, bytes) -> {
                if (bytes == null) {
                  return null;
                }
                int[] counts = new int[MEASURES];
                ByteBuffer.wrap(bytes).asIntBuffer().get(counts);
                return counts;
              });

  private Indicateurs() {}
}
