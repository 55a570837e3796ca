// A supplier's worker on Java's own HTTP client. It writes an order and its accounts to disk before it sends them, so a
// retry and a restart send the same accounts again.
//
//   SANDBOX_URL=http://127.0.0.1:4010 SANDBOX_KEY=... java Worker.java [--loop]
//
// State in the directory: orders/NUMBER.open says how many accounts an order needs, and exists until the order is done;
// orders/NUMBER.accounts holds the accounts reserved for it. Exit code of one run: 1 if the server did not answer or
// refused the key.

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

class Worker {
    static final String BASE = System.getenv("SANDBOX_URL") + "/api/admin/v2/";
    static final String KEY = System.getenv("SANDBOX_KEY");
    static final Path DIRECTORY = Path.of(System.getenv().getOrDefault("REHEARSAL_DIR", "."));
    static final Path ORDERS = DIRECTORY.resolve("orders");
    static final Path STOCK = DIRECTORY.resolve("stock.txt");
    static final long TIMEOUT_MS = setting("TIMEOUT_MS", 10_000);
    static final long POLL_MS = setting("POLL_MS", 60_000);
    static final long FIRST_PAUSE_MS = setting("RETRY_MS", 1_000);
    static final long LONGEST_POLL_MS = Math.max(POLL_MS, 15 * 60_000);
    static final int MOST_ATTEMPTS = 4;
    static final Set<String> ENDS = Set.of("completed", "cancelled", "error");

    static long setting(String name, long value) {
        var text = System.getenv(name);
        return text == null ? value : Long.parseLong(text);
    }

    /** No answer, or none that says what the server did: the call may have been carried out. */
    static class NoAnswer extends Exception {
        NoAnswer(String message) {
            super(message);
        }
    }

    /** A final answer: the same call would fail again. */
    static class Refused extends Exception {
        final int status;
        final String code;

        Refused(int status, String code) {
            super("refused with status " + status + " " + code);
            this.status = status;
            this.code = code;
        }
    }

    /** SIGTERM came. */
    static class Stopped extends Exception {}

    static final CountDownLatch STOP = new CountDownLatch(1);
    static final CountDownLatch ENDED = new CountDownLatch(1);

    /** Waits, and throws at once after SIGTERM. */
    static void pause(long millis) throws Stopped, InterruptedException {
        if (STOP.await(millis, TimeUnit.MILLISECONDS)) throw new Stopped();
    }

    // ---- Calls ----

    final HttpClient http = HttpClient.newHttpClient();
    /** `Retry-After` holds for all calls, not only for the one that it answers. */
    long notBefore = 0;

    Map<?, ?> send(HttpRequest.Builder call) throws NoAnswer, Refused, Stopped, InterruptedException {
        pause(Math.max(0, notBefore - System.currentTimeMillis()));
        HttpResponse<String> response;
        try {
            var request = call.header("X-Api-Key", KEY).timeout(Duration.ofMillis(TIMEOUT_MS)).build();
            // The request's own time-out ends when the headers have come. This one includes the body.
            response = http.sendAsync(request, BodyHandlers.ofString())
                    .orTimeout(TIMEOUT_MS, TimeUnit.MILLISECONDS)
                    .join();
        } catch (CompletionException error) {
            throw new NoAnswer(String.valueOf(error.getCause()));
        }
        int status = response.statusCode();
        var seconds = response.headers().firstValue("Retry-After").filter(text -> text.matches("\\d+"));
        if (seconds.isPresent()) notBefore = System.currentTimeMillis() + Long.parseLong(seconds.get()) * 1000;
        if (status >= 500 || status == 408 || status == 429) throw new NoAnswer("status " + status);
        var object = Json.parse(response.body()) instanceof Map<?, ?> it ? it : null;
        if (status >= 300) throw new Refused(status, object == null ? "" : "" + object.get("error"));
        if (object == null) throw new NoAnswer("the answer is not JSON");
        return object;
    }

    Map<?, ?> update(long order, String changes) throws NoAnswer, Refused, Stopped, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                var body = BodyPublishers.ofString("{\"order\": " + order + changes + "}");
                var uri = URI.create(BASE + "orders-update");
                var call = HttpRequest.newBuilder(uri).header("Content-Type", "application/json").POST(body);
                return send(call);
            } catch (NoAnswer error) {
                if (attempt == MOST_ATTEMPTS) throw error;
                pause(FIRST_PAUSE_MS << (attempt - 1));
            }
        }
    }

    List<?> poll() throws NoAnswer, Refused, Stopped, InterruptedException {
        var uri = URI.create(BASE + "orders?status=pending,processing&productType=manual&limit=100");
        if (send(HttpRequest.newBuilder(uri)).get("orders") instanceof List<?> orders) return orders;
        throw new NoAnswer("the answer is not a page");
    }

    // ---- State on disk ----

    static Path openFile(long order) {
        return ORDERS.resolve(order + ".open");
    }

    static Path accountsFile(long order) {
        return ORDERS.resolve(order + ".accounts");
    }

    /** Replaces a file as a whole: a crash leaves the old content or the new one. */
    static void replace(Path file, List<String> lines) throws IOException {
        var temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.write(temporary, lines);
        try (var written = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            written.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static List<Path> files(String ending) throws IOException {
        try (var files = Files.list(ORDERS)) {
            return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
        }
    }

    /** The accounts of an order, taken from the stock if it has none yet. The stock file itself is only read. */
    static List<String> reserve(long order, int owed) throws IOException {
        var file = accountsFile(order);
        if (Files.exists(file)) return Files.readAllLines(file);
        var taken = new HashSet<String>();
        for (var other : files(".accounts")) taken.addAll(Files.readAllLines(other));
        var free = Files.readAllLines(STOCK).stream().filter(line -> !line.isBlank() && taken.add(line)).limit(owed).toList();
        if (free.size() == owed) replace(file, free);
        return free;
    }

    static void finish(long order, Object outcome) throws IOException {
        Files.delete(openFile(order));
        System.out.println("order " + order + ": " + outcome);
    }

    // ---- Work ----

    void deliver(long order) throws IOException, NoAnswer, Refused, Stopped, InterruptedException {
        int owed = Integer.parseInt(Files.readAllLines(openFile(order)).get(0));
        var accounts = reserve(order, owed);
        if (accounts.size() < owed) {
            System.err.println("order " + order + ": not enough stock");
            return;
        }
        // This update changes no status. Its answer shows the order as it is now.
        var status = update(order, ", \"supplierOrderId\": \"SUP-" + order + "\"").get("status");
        if (ENDS.contains(String.valueOf(status))) {
            finish(order, status);
            return;
        }
        var list = accounts.stream().map(Json::quote).collect(Collectors.joining(", "));
        try {
            update(order, ", \"status\": \"completed\"" + (owed > 0 ? ", \"accounts\": [" + list + "]" : ""));
        } catch (Refused error) {
            // The order has these accounts: an earlier call delivered them. Its status went in the same call.
            if (!error.code.equals("INVALID_ACCOUNTS")) throw error;
        }
        finish(order, "completed");
    }

    void deliverAll() throws IOException, NoAnswer, Refused, Stopped, InterruptedException {
        for (var file : files(".open")) {
            var order = Long.parseLong(file.getFileName().toString().replace(".open", ""));
            try {
                deliver(order);
            } catch (Refused error) {
                if (error.status == 401) throw error;
                System.err.println("order " + order + ": " + error.getMessage());
                // A refunded order counts as not found. All others stay open for the next run.
                if (List.of("ORDER_NOT_FOUND", "ACCESS_DENIED").contains(error.code)) finish(order, "refused");
            }
        }
    }

    /** Writes a polled order to disk. */
    static void note(Map<?, ?> order) throws IOException {
        var number = (Long) order.get("id");
        if (Files.exists(accountsFile(number)) && !Files.exists(openFile(number))) {
            System.err.println("order " + number + " is open again: look at it yourself");
            return;
        }
        long owed = 0;
        for (var each : (List<?>) order.get("items")) {
            var item = (Map<?, ?>) each;
            // Services need no accounts.
            if (((Map<?, ?>) item.get("product")).get("type").equals("product")) owed += (Long) item.get("quantity");
        }
        replace(openFile(number), List.of(Long.toString(owed)));
    }

    void run() throws IOException, NoAnswer, Refused, Stopped, InterruptedException {
        deliverAll();
        for (var order : poll()) note((Map<?, ?>) order);
        deliverAll();
    }

    // ---- One run, or a daemon ----

    /** Whether the run came to its end. */
    boolean tryRun() throws Stopped, InterruptedException {
        try {
            run();
            return true;
        } catch (IOException | NoAnswer | Refused | RuntimeException error) {
            System.err.println("the run ended: " + error.getMessage());
            return false;
        }
    }

    /** Polls until SIGTERM. While runs fail, it polls less and less often. */
    void loop() throws Stopped, InterruptedException {
        for (long wait = POLL_MS; ; pause(wait)) {
            wait = tryRun() ? POLL_MS : Math.min(wait * 2, LONGEST_POLL_MS);
        }
    }

    static int work(boolean isDaemon) throws IOException, InterruptedException {
        Files.createDirectories(ORDERS);
        // One worker at a time: the system ends the lock with its process.
        try (var file = FileChannel.open(DIRECTORY.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (file.tryLock() == null) {
                System.out.println("another worker is running in this directory");
                if (!isDaemon) return 0;
                pause(POLL_MS);
            }
            if (!Files.exists(STOCK)) {
                var numbers = IntStream.rangeClosed(1, 200).mapToObj(n -> String.format("%04d", n));
                replace(STOCK, numbers.map(n -> "user" + n + "@example.com:secret-" + n).toList());
            }
            var worker = new Worker();
            if (isDaemon) worker.loop();
            return worker.tryRun() ? 0 : 1;
        } catch (Stopped stopped) {
            return 0;
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        // Otherwise HttpClient sends a list call again by itself when its answer is lost.
        System.setProperty("jdk.httpclient.redirects.retrylimit", "1");
        // SIGTERM ends the worker after the call under way. The exit code of a run that it cut short is 0 all the same.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            STOP.countDown();
            try {
                if (ENDED.await(2 * TIMEOUT_MS, TimeUnit.MILLISECONDS)) Runtime.getRuntime().halt(code);
            } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
            }
        }));
        try {
            code = work(List.of(arguments).contains("--loop"));
        } finally {
            ENDED.countDown();
        }
        System.exit(code);
    }

    static volatile int code = 1;

    /** A small reader of JSON: objects as maps, arrays as lists, integers as `Long`. */
    static class Json {
        static final Pattern TOKEN = Pattern.compile(
                "\\s*([{}\\[\\]:,]|\"(?:[^\"\\\\]|\\\\.)*\"|-?\\d[\\d.eE+-]*|true|false|null)\\s*");

        final List<String> tokens = new ArrayList<>();
        int next = 0;

        /** The value, or null for what is no JSON. */
        static Object parse(String text) {
            var json = new Json();
            var matcher = TOKEN.matcher(text);
            int end = 0;
            for (; matcher.find(end) && matcher.start() == end; end = matcher.end()) json.tokens.add(matcher.group(1));
            if (end != text.length()) return null;
            try {
                var value = json.value();
                return json.next == json.tokens.size() ? value : null;
            } catch (IllegalArgumentException | IndexOutOfBoundsException error) {
                return null;
            }
        }

        Object value() {
            var token = tokens.get(next++);
            switch (token.charAt(0)) {
                case '{' -> {
                    var object = new LinkedHashMap<String, Object>();
                    while (isNext("}", object.isEmpty())) {
                        var name = (String) value();
                        take(":");
                        object.put(name, value());
                    }
                    return object;
                }
                case '[' -> {
                    var array = new ArrayList<Object>();
                    while (isNext("]", array.isEmpty())) array.add(value());
                    return array;
                }
                case '"' -> {
                    return unquote(token);
                }
                case 't', 'f' -> {
                    return Boolean.valueOf(token);
                }
                case 'n' -> {
                    return null;
                }
                default -> {
                    return token.matches("-?\\d+") ? (Object) Long.valueOf(token) : Double.valueOf(token);
                }
            }
        }

        /** Whether another element comes, before the end of an object or array. */
        boolean isNext(String end, boolean isFirst) {
            if (tokens.get(next).equals(end)) {
                next++;
                return false;
            }
            if (!isFirst) take(",");
            return true;
        }

        void take(String token) {
            if (!tokens.get(next++).equals(token)) throw new IllegalArgumentException();
        }

        static String unquote(String token) {
            var escape = Pattern.compile("\\\\(?:u([0-9a-fA-F]{4})|(.))");
            return escape.matcher(token.substring(1, token.length() - 1)).replaceAll(found -> {
                var plain = found.group(1) != null
                        ? String.valueOf((char) Integer.parseInt(found.group(1), 16))
                        : switch (found.group(2)) {
                            case "n" -> "\n";
                            case "t" -> "\t";
                            case "r" -> "\r";
                            case "b" -> "\b";
                            case "f" -> "\f";
                            default -> found.group(2);
                        };
                return Matcher.quoteReplacement(plain);
            });
        }

        static String quote(String text) {
            return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        }
    }
}
