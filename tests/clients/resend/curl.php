<?php
// One call by PHP's curl extension, as its users write it; README.md says what the environment says.

$base = getenv('BASE_URL');
$headers = ['X-Api-Key: ' . getenv('API_KEY')];
$curl = curl_init();
curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
if (getenv('RETRY') === 'off') {
    curl_setopt($curl, CURLOPT_FORBID_REUSE, true);
}
if (getenv('CONNECTION') === 'reused') {
    curl_setopt($curl, CURLOPT_URL, "$base/_sandbox/health");
    curl_exec($curl);
}
if (getenv('METHOD') === 'GET') {
    curl_setopt($curl, CURLOPT_URL, "$base/api/admin/v2/orders?status=pending,processing&productType=manual&limit=1");
} else {
    $headers[] = 'Content-Type: application/json';
    curl_setopt($curl, CURLOPT_URL, "$base/api/admin/v2/orders-update");
    $update = ['order' => (int) getenv('ORDER'), 'status' => 'processing'];
    curl_setopt($curl, CURLOPT_POSTFIELDS, json_encode($update));
}
curl_setopt($curl, CURLOPT_HTTPHEADER, $headers);
$body = curl_exec($curl);
$result = $body === false
    ? ['outcome' => 'error', 'message' => curl_error($curl)]
    : ['outcome' => curl_getinfo($curl, CURLINFO_RESPONSE_CODE), 'message' => strlen($body) . ' bytes'];
echo json_encode(['version' => curl_version()['version']] + $result), "\n";
