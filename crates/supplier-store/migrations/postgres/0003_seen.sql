-- Up to when, by a server's time, the sandbox's clock may have been shown by any server: no server shows it earlier.
ALTER TABLE sandboxes ADD COLUMN seen bigint NOT NULL DEFAULT 0;
