# One call by Ruby's Net::HTTP, as its users write it; README.md says what the environment says.

require 'json'
require 'net/http'

base = ENV.fetch('BASE_URL')
if ENV.fetch('METHOD') == 'GET'
  uri = URI("#{base}/api/admin/v2/orders?status=pending,processing&productType=manual&limit=1")
  request = Net::HTTP::Get.new(uri)
else
  uri = URI("#{base}/api/admin/v2/orders-update")
  request = Net::HTTP::Post.new(uri, 'Content-Type' => 'application/json')
  request.body = { order: Integer(ENV.fetch('ORDER')), status: 'processing' }.to_json
end
request['X-Api-Key'] = ENV.fetch('API_KEY')

result = begin
  Net::HTTP.start(uri.host, uri.port) do |http|
    http.max_retries = 0 if ENV.fetch('RETRY') == 'off'
    http.get('/_sandbox/health') if ENV.fetch('CONNECTION') == 'reused'
    response = http.request(request)
    { outcome: response.code.to_i, message: "#{response.body.bytesize} bytes" }
  end
rescue StandardError => e
  { outcome: 'error', message: "#{e.class}: #{e.message}" }
end
puts JSON.generate({ version: Net::HTTP::VERSION, **result })
